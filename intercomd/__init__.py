"""intercomd: the voice intercom: stations, a room server and the engine (SDK)."""

__version__ = "0.1.0"
