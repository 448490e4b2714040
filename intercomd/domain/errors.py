"""The one tree of errors: a class, a stable code and a remedy each.

Import errors from here. They are declared by family in the `*_errors` modules
beside this one, their codes in `error_codes`; docs/errors.md is made of them.
"""

# ruff: noqa: F403 - this module is where the others are imported from

from __future__ import annotations

from intercomd.domain.common_errors import *
from intercomd.domain.device_errors import *
from intercomd.domain.error_codes import ErrorCode as ErrorCode
from intercomd.domain.error_codes import IntercomError as IntercomError
from intercomd.domain.message_errors import *
from intercomd.domain.monitor_errors import *
from intercomd.domain.own_errors import *
from intercomd.domain.own_errors import WireMalformed
from intercomd.domain.room_errors import *
from intercomd.domain.stream_errors import *


def error_for(code: int, detail: str = "") -> IntercomError:
    """The error of this code, ready to raise; `detail` may be another one's text.

    An unknown code, say of a newer server, becomes `WireMalformed` naming it.
    """
    kind = _BY_CODE.get(code)
    if kind is None:
        return WireMalformed(f"unknown error code {code}: {detail}")
    # What another process says is the whole text, of which the remedy is a part.
    told = detail.removeprefix(kind.remedy)
    if told != detail:
        told = told.removeprefix(" (").removesuffix(")")
    return kind(told)


_BY_CODE: dict[int, type[IntercomError]] = {
    kind.code: kind for kind in IntercomError.__subclasses__()
}
