"""Every call of tests/cases.py gives what it gives on ndarrays, as shipped and in miniature."""

import numpy as np
import pytest

from compactarray.testing import check
from tests.cases import CASES, FREE, SAMPLES, ULPS, Case, call


def available(case: Case) -> bool:
    """Tell whether this NumPy has the function."""
    try:
        eval(case.function, {"np": np})
    except AttributeError:
        return False
    return True


@pytest.mark.parametrize("case", [case for case in CASES if available(case)], ids=lambda case: case.text)
def test_case(case, both):
    free = {"any_zero": True} if case.function in FREE else {}
    check(
        lambda *arrays: call(case, *arrays),
        *(SAMPLES[name] for name in case.names),
        any_nan=True,
        ulps=ULPS.get(case.function, 0),
        **free,
    )
