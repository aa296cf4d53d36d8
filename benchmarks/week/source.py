"""The project's client, in the place that the hook has in a task."""

from __future__ import annotations

import requests

from zoho_people.endpoints.endpoint import Resource
from zoho_people.zoho.client import ZohoPeopleClient
from zoho_people.zoho.page import Page
from zoho_people.zoho.settings import ConnectionSettings


class ClientSource:
    """Sends with one *access_token* and one session; the hook's gate, ledger and pace need Airflow."""

    answered_at = None  # then the clock of whoever asks decides, which is the simulated day's

    def __init__(self, settings: ConnectionSettings, access_token: str) -> None:
        self.client = ZohoPeopleClient(settings, requests.Session())
        self._access_token = access_token

    def read_page(self, resource: Resource, start_index: int) -> Page:
        """One page."""
        return self.client.get_page(resource.request(start_index), access_token=self._access_token)

    def stop(self, why: str) -> None:
        """Credentials can't be used."""
        raise RuntimeError(why)
