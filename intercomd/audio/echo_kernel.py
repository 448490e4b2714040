"""The compiled part of echo control: what Python gives to it, and how it is found."""

from __future__ import annotations

import ctypes
import sysconfig
from functools import cache
from pathlib import Path

from intercomd.audio.samples import Floats, Samples
from intercomd.domain.errors import LibraryMissing


@cache
def kernel() -> ctypes.CDLL:
    """The library; raises `LibraryMissing` where it was not compiled."""
    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    path = Path(__file__).with_name(f"_echo_kernel{suffix}")
    try:
        library = ctypes.CDLL(str(path))
    except OSError as error:
        raise LibraryMissing(
            "the echo filter was not compiled: run 'apt-get install build-essential "
            "libkissfft-dev' and install intercomd anew"
        ) from error
    for name in ("echo_new", "suppressor_new"):
        getattr(library, name).restype = ctypes.c_void_p
    library.suppressor_new.argtypes = ctypes.c_float, ctypes.c_float
    place = ctypes.c_double, ctypes.c_double, ctypes.c_int64
    library.far_read.argtypes = *[ctypes.c_void_p] * 2, *place, ctypes.c_void_p
    return library


def made(state: int | None) -> ctypes.c_void_p:
    """What a `_new` returned, as other calls take it."""
    if not state:
        raise MemoryError
    return ctypes.c_void_p(state)


def address(buffer: Floats | Samples) -> ctypes.c_void_p:
    """Where an array's numbers are, for as long as the caller keeps it."""
    return ctypes.c_void_p(buffer.ctypes.data)
