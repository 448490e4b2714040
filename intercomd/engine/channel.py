"""Which of the reference's publish channels there are."""

from __future__ import annotations

from intercomd.domain.errors import ModuleMissing
from intercomd.domain.sound import PUBLISH_CHANNELS, PublishChannel


def check_channel(channel: PublishChannel) -> None:
    """Raise `ModuleMissing` for the Third and the Fourth channel."""
    if channel not in PUBLISH_CHANNELS:
        raise ModuleMissing(f"channel {channel.name}: there are Main and Aux")
