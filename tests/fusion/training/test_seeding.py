import torch

from mmfeat.fusion.training.seeding import seeded


def test_the_seed_decides_everything_within_and_leaves_no_trace():
    torch.manual_seed(7)
    expected = torch.rand(2)
    torch.manual_seed(7)
    with seeded(1, "cpu") as generator:
        inside = (torch.rand(3), torch.randperm(5, generator=generator))
    torch.testing.assert_close(torch.rand(2), expected)
    with seeded(1, "cpu") as generator:
        torch.testing.assert_close(torch.rand(3), inside[0])
        assert torch.randperm(5, generator=generator).tolist() == inside[1].tolist()
