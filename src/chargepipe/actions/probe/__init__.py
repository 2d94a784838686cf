"""The probe: are our assumptions about the two services true on a real test account?"""

from chargepipe.actions.probe.allowed import allowed, announcement
from chargepipe.actions.probe.finding import Finding
from chargepipe.actions.probe.report import Report, line
from chargepipe.actions.probe.run import probe

__all__ = ["Finding", "Report", "allowed", "announcement", "line", "probe"]
