"""The reply to a login in a large room, in messages of a bounded length.

The longest names and extra infos there may be, all of it escaped in JSON, make
half a MiB; a client takes 1 MiB.
"""

from __future__ import annotations

from msgspec.structs import replace

from intercomd.protocol.messages import LoggedIn, LoggedInMore

PAGE_USERS = 128
PAGE_STREAMS = 32


def paged(reply: LoggedIn) -> list[LoggedIn | LoggedInMore]:
    """The reply with as much as a message may hold, and the rest after it."""
    users, streams = reply.users, reply.streams
    count = max(1, _pages(len(users), PAGE_USERS), _pages(len(streams), PAGE_STREAMS))
    pages: list[LoggedIn | LoggedInMore] = []
    for number in range(count):
        begin, end = number * PAGE_USERS, (number + 1) * PAGE_USERS
        some_users = users[begin:end]
        begin, end = number * PAGE_STREAMS, (number + 1) * PAGE_STREAMS
        some_streams = streams[begin:end]
        more = number < count - 1
        if number == 0:
            first = replace(reply, users=some_users, streams=some_streams, more=more)
            pages.append(first)
        else:
            pages.append(LoggedInMore(reply.id, some_users, some_streams, more))
    return pages


def joined(reply: LoggedIn, page: LoggedInMore) -> LoggedIn:
    """The reply as far as it has come, with one page more."""
    return replace(
        reply,
        users=reply.users + page.users,
        streams=reply.streams + page.streams,
        more=page.more,
    )


def _pages(entries: int, size: int) -> int:
    return -(-entries // size)
