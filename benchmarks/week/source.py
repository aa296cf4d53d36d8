"""The project's client, in the place that the hook has in a task."""

from __future__ import annotations

import requests

from zoho_people.model.entity_type import EntityType
from zoho_people.model.unit import Course, Unit
from zoho_people.zoho.client import ZohoPeopleClient
from zoho_people.zoho.lists import ListPage, ZohoList
from zoho_people.zoho.page import ProgressPage
from zoho_people.zoho.settings import ConnectionSettings


class ClientSource:
    """Sends with one *access_token* and one session; the hook's gate, ledger and pace need Airflow."""

    answered_at = None  # then the clock of whoever asks decides, which is the simulated day's

    def __init__(self, settings: ConnectionSettings, access_token: str) -> None:
        self.client = ZohoPeopleClient(settings, requests.Session())
        self._access_token = access_token

    def get_list_page(self, asked: ZohoList, start_index: int) -> ListPage:
        """One page of a list."""
        return self.client.get_list(asked, start_index, access_token=self._access_token)

    def get_page(
        self, course_id: str, batch_id: str | None, learner_id: str, entity_type: str, start_index: int
    ) -> ProgressPage:
        """One page of a unit."""
        unit = Unit(Course(course_id, batch_id), learner_id, EntityType.parse(entity_type))
        return self.client.get_page(unit, start_index, access_token=self._access_token)

    def stop(self, why: str) -> None:
        """Credentials can't be used."""
        raise RuntimeError(why)
