"""Files that appear whole or not at all: written beside their place, and renamed into it."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from typing import IO

_serial = count()


@contextmanager
def whole_file(path: str) -> Iterator[IO[bytes]]:
    """Open a new file for writing in binary mode that replaces `path` when the block ends without an error.

    After an error, an interrupt or a full disk, what was at `path` is untouched. What exists and is no regular file (a device, a
    pipe) is written straight; a symbolic link keeps pointing to its target, which is replaced; permissions are kept.

    Parameters
    ----------
    path : str
        Where the file is to appear.
    """
    target = os.path.realpath(path)
    try:
        mode = os.stat(target).st_mode
    except FileNotFoundError:
        mode = None
    if mode is not None and not stat.S_ISREG(mode):
        with open(path, "wb") as stream:
            yield stream
        return
    temporary = f"{target}.{os.getpid()}-{next(_serial)}.tmp"
    with _create(temporary, path) as stream:
        try:
            if mode is not None:
                os.chmod(temporary, stat.S_IMODE(mode))
            yield stream
            # Errors of the last write (a full disk) must come before the old file goes.
            stream.close()
            os.replace(temporary, target)
        except BaseException:
            stream.close()
            with suppress(FileNotFoundError):
                os.unlink(temporary)
            raise


def _create(temporary: str, path: str) -> IO[bytes]:
    """Open a file that did not exist, with the permissions that any new file gets; errors name `path`."""
    try:
        return open(temporary, "xb")
    except OSError as error:
        raise type(error)(error.errno, error.strerror, path) from None
