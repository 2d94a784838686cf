"""Laws are tried on any machine: a slow or busy one is no failure."""

from hypothesis import HealthCheck, Phase, settings

settings.register_profile("domain", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# For script/mutants: the same examples each time, and a broken law is not searched any further.
settings.register_profile(
    "mutants",
    settings.get_profile("domain"),
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
)
settings.load_profile("domain")
