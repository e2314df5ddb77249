"""Who needs a guardian: a rule that two fields obey together."""

from shared.faults import Fault, fault


def guardian_fault(age: int, guardian: str | None) -> Fault | None:
    """The fault of a missing guardian; None for adults (18 years) and for whoever names one."""
    return fault("guardianRequired") if age < 18 and not guardian else None
