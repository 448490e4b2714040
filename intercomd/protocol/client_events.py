"""What goes into `client_session.ClientSession` and what comes out of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from intercomd.domain.events import Event
from intercomd.domain.room import User
from intercomd.protocol import messages as wire
from intercomd.protocol.client_calls import CallSettled, CallWanted


@dataclass(frozen=True, slots=True)
class LoginWanted:
    """Log in and stay logged in."""

    room_id: str
    user: User
    is_user_status_notify: bool = False
    max_member_count: int = 0
    token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class RenewWanted:
    """Let this token count from now on. Answered with one `TokenRenewed`."""

    room_id: str
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class LogoutWanted:
    """Log out of this room, or of whichever with None."""

    room_id: str | None = None


@dataclass(frozen=True, slots=True)
class PublishWanted:
    """Publish what send slot `slot` carries as this stream."""

    stream_id: str
    slot: int = 0
    mic_state: int = 0


@dataclass(frozen=True, slots=True)
class UnpublishWanted:
    """Stop publishing what send slot `slot` carries; `code` says why."""

    slot: int = 0
    code: int = 0


@dataclass(frozen=True, slots=True)
class MicStateWanted:
    """Tell those who play what send slot `slot` carries of its microphone."""

    slot: int
    state: int


@dataclass(frozen=True, slots=True)
class ReportWanted:
    """Tell those who play what is published how one's own ways to the server are."""

    upstream: int
    downstream: int
    speaker_state: int


@dataclass(frozen=True, slots=True)
class PlayWanted:
    """Play this stream, now or as soon as it exists."""

    stream_id: str
    is_muted: bool = False


@dataclass(frozen=True, slots=True)
class MutePlayWanted:
    """Receive nothing of this played stream for now, or receive it again."""

    stream_id: str
    is_muted: bool


@dataclass(frozen=True, slots=True)
class StopWanted:
    """Stop playing this stream; `code` says why."""

    stream_id: str
    code: int = 0


@dataclass(frozen=True, slots=True)
class StreamExtraInfoWanted:
    """Let this text go with the stream of send slot `slot`, as long as it lasts."""

    slot: int
    extra_info: str


@dataclass(frozen=True, slots=True)
class Received:
    """The server sent a message."""

    message: wire.ServerMessage


@dataclass(frozen=True, slots=True)
class ConnectionLost:
    """The connection ended, or could not be made."""


@dataclass(frozen=True, slots=True)
class MediaOffered:
    """The media connection asked for with `OpenMedia` has made its offer."""

    sdp: str


@dataclass(frozen=True, slots=True)
class MediaChanged:
    """The media connection is up, or will not come back by itself."""

    is_up: bool


@dataclass(frozen=True, slots=True)
class MediaSilent:
    """The media connection is there, but the server is not heard over it any more."""


@dataclass(frozen=True, slots=True)
class TimePassed:
    """The deadline has come."""


StreamWish = (
    PublishWanted
    | UnpublishWanted
    | MicStateWanted
    | ReportWanted
    | PlayWanted
    | MutePlayWanted
    | StopWanted
    | StreamExtraInfoWanted
)
LoginWish = LoginWanted | RenewWanted | LogoutWanted
Happening = (
    Received | ConnectionLost | MediaOffered | MediaChanged | MediaSilent | TimePassed
)
Input = LoginWish | StreamWish | CallWanted | Happening


@dataclass(frozen=True, slots=True)
class Connect:
    """Open a new connection to the server."""


@dataclass(frozen=True, slots=True)
class Disconnect:
    """Close the connection, or give up making it."""


@dataclass(frozen=True, slots=True)
class Transmit:
    """Send the server this message."""

    message: wire.ClientMessage


@dataclass(frozen=True, slots=True)
class OpenMedia:
    """Make a new media connection, in place of any other, and its offer."""


@dataclass(frozen=True, slots=True)
class AcceptMedia:
    """This is the server's answer to the offer."""

    sdp: str


@dataclass(frozen=True, slots=True)
class MigrateMedia:
    """Carry the media connection on over another path, if there is one."""


@dataclass(frozen=True, slots=True)
class ProbeConnection:
    """Find out at once whether the signalling connection still lives."""


@dataclass(frozen=True, slots=True)
class CloseMedia:
    """Close the media connection."""


@dataclass(frozen=True, slots=True)
class BindSlot:
    """Receive slot `slot` carries this stream from now on, or none with None.

    `sequence` is that of its first packet, if the server said it.
    """

    slot: int
    stream_id: str | None
    sequence: int | None = None


@dataclass(frozen=True, slots=True)
class GateMicrophone:
    """Send what send slot `slot` carries, or do not."""

    is_open: bool
    slot: int = 0


@dataclass(frozen=True, slots=True)
class PublisherReported:
    """What the publisher of a played stream says of its ways to the server."""

    stream_id: str
    user_id: str
    upstream: int
    downstream: int
    speaker_state: int


@dataclass(frozen=True, slots=True)
class TokenRenewed:
    """How a `RenewWanted` ended, one for each, in order; a code other than 0 is a
    refusal, and the token before it still counts."""

    code: int
    message: str = ""


Told = PublisherReported | TokenRenewed | CallSettled | Event
"""What is for whoever uses the connections, and not for them."""

Output = (
    Connect
    | Disconnect
    | Transmit
    | OpenMedia
    | AcceptMedia
    | MigrateMedia
    | ProbeConnection
    | CloseMedia
    | BindSlot
    | GateMicrophone
    | Told
)
