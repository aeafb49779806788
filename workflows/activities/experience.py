"""The activity that recalls what earlier videos taught of a fault."""

from __future__ import annotations

from temporalio import activity

from quantumsketch.errors import ServiceUnavailable
from quantumsketch.incidents import Hint
from quantumsketch.memory.films.experience import Experience
from workflows.jobs import HintsJob


class ExperienceActivities:
    """Holds what was learned."""

    def __init__(self, experience: Experience) -> None:
        self.experience = experience

    @activity.defn
    async def recall_hints(self, job: HintsJob) -> list[Hint]:
        """What this tenant's videos tell of such faults; if the graph is away, nothing is waited for."""
        try:
            return await self.experience.hints(job.tenant, job.complaints, quality=job.quality)
        except ServiceUnavailable:
            return []
