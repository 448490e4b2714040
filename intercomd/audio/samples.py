"""The arrays that the microphone's processing works on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]
"""A frame, as a card has it."""

Floats = NDArray[np.float32]
"""The same in the values of s16, but for rounding and clipping; or spectra."""
