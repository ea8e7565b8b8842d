"""Read files of object stores and web servers, through fsspec."""

from mmfeat.remote.copying import local_copy
from mmfeat.remote.files import RemoteFile, remote_stat
from mmfeat.remote.looking import files_now, files_seen, look_at_all
from mmfeat.remote.storing import get_files, put_file, remove_file, stored_files

__all__ = [
    "RemoteFile",
    "files_now",
    "files_seen",
    "get_files",
    "local_copy",
    "look_at_all",
    "put_file",
    "remote_stat",
    "remove_file",
    "stored_files",
]
