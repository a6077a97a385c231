"""Whether products of bfloat16 are quick where a network is trained: only where the processor computes with them.

Elsewhere they are emulated, which was seen to take 14 times as long as full precision.
"""

from __future__ import annotations

from pathlib import Path

CPUINFO = Path("/proc/cpuinfo")


def half_is_quick(device: str, cpuinfo: Path = CPUINFO) -> bool:
    """device: as PyTorch names it. On a processor that nothing is known of: no."""
    if device.partition(":")[0] != "cpu":
        return True
    try:
        text = cpuinfo.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    # x86: avx512_bf16, amx_bf16 among its "flags"; ARM: bf16, svebf16 among its "Features".
    lines = (line.partition(":") for line in text.splitlines())
    return any(name.strip() in ("flags", "Features") and "bf16" in given for name, _, given in lines)
