"""Places: the pipelines and stages of the account, by which settings are resolved (10 tokens)."""

from datetime import timedelta

from chargepipe.domain.pipelines import PipelineFacts
from chargepipe.pipedrive import Stage
from chargepipe.sync.session import Session

# Pipelines hardly ever change; they are read again after a day, and when a deal is refused.
TRUSTED_FOR = timedelta(days=1)


def pipeline_facts(session: Session, *, fresh: bool = False) -> PipelineFacts:
    """What the account has; read where that is not known, older than a day, or for `fresh`."""
    known_at = session.account.pipelines_at
    now = session.env.clock.now()
    if fresh or known_at is None or now - known_at >= TRUSTED_FOR:
        pipelines = session.call(session.pipedrive.pipelines())
        stages = session.call(session.pipedrive.stages())
        with session.commit():
            session.account.pipelines = {
                "pipelines": [_row(each) for each in pipelines],
                "stages": [_row(each) for each in stages],
            }
            session.account.pipelines_at = now
            session.account.save(update_fields=["pipelines", "pipelines_at"])
    return PipelineFacts.from_json(session.account.pipelines)


def _row(stage: Stage) -> dict[str, int | str | None]:
    return {"id": stage.id, "name": stage.name, "order": stage.order, "of": stage.pipeline}
