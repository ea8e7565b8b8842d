"""What no launcher takes."""

import pytest
from mmfeat.cli.launch_options import Launcher
from mmfeat.cli.launching import Launch, launch

from mmfeat.config.loading import load_project
from mmfeat.errors import LaunchError
from mmfeat.launching.command_line import StageCall

from ..stages.extraction_cohort import make_cohort


@pytest.mark.parametrize("launcher", list(Launcher))
def test_a_signed_address_on_the_command_line_is_refused_and_not_repeated(tmp_path, launcher):
    config = make_cohort(tmp_path, 1).config
    signed = "cohort.manifest=https://example.org/m.csv?Signature=secret"
    asked = Launch(load_project(config), StageCall("extract", config, (signed,)), ("--finish",))
    with pytest.raises(LaunchError, match=r"--set cohort\.manifest: .*folder of the job") as caught:
        launch(launcher, asked)
    assert "secret" not in str(caught.value).replace("may be a secret", "")
    assert not (tmp_path / "jobs").exists()
