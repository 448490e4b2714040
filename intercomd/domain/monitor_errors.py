"""Errors of monitors of the machine: 1015xxx."""

from __future__ import annotations

from intercomd.domain.error_codes import ErrorCode, IntercomError


class PerformanceIntervalInvalid(IntercomError, ValueError):
    code = ErrorCode.PERFORMANCE_INTERVAL_INVALID
    remedy = "the performance monitor's interval must be 1000 to 10000 ms"
