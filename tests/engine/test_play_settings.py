"""Volume and mute of played streams."""

from __future__ import annotations

from intercomd.engine.play_settings import PlaySettings


def test_the_last_volume_counts() -> None:
    settings = PlaySettings()
    settings.set_gain(["a"], 0.5)
    settings.set_gain(["a", "b"], 2.0)
    settings.set_gain(["b"], 0.1)
    assert (settings.gain("a"), settings.gain("b"), settings.gain("c")) == (2, 0.1, 1)


def test_mute_hides_the_volume_and_does_not_change_it() -> None:
    settings = PlaySettings()
    settings.set_gain(["a"], 0.5)
    settings.mute("a", is_muted=True)
    assert settings.gain("a") == 0
    settings.mute("a", is_muted=False)
    assert settings.gain("a") == 0.5


def test_while_all_are_muted_a_streams_own_switch_is_remembered() -> None:
    settings = PlaySettings()
    settings.is_all_muted = True
    settings.mute("a", is_muted=True)
    settings.mute("b", is_muted=False)
    assert settings.is_muted("a")
    assert settings.is_muted("b")
    settings.is_all_muted = False
    assert settings.is_muted("a")
    assert not settings.is_muted("b")


def test_a_stream_that_is_played_no_more_begins_anew() -> None:
    settings = PlaySettings()
    settings.set_gain(["a"], 0.5)
    settings.mute("a", is_muted=True)
    settings.priorities["a"] = 3
    settings.forget("a")
    assert settings.gain("a") == 1
    assert settings.priorities == {}
