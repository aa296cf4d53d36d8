"""The endpoints by their names."""

from __future__ import annotations

from zoho_people.endpoints.course_learners import COURSE_LEARNERS
from zoho_people.endpoints.courses import BATCHES, COURSES
from zoho_people.endpoints.endpoint import Whose
from zoho_people.endpoints.learner_courses import LEARNER_COURSES
from zoho_people.endpoints.progress import PROGRESS

_ALL = (PROGRESS, COURSES, BATCHES, COURSE_LEARNERS, LEARNER_COURSES)
ENDPOINTS = {endpoint.name: endpoint for endpoint in _ALL}
OF_LEARNERS = tuple(endpoint for endpoint in _ALL if endpoint.whose is Whose.LEARNER)
"""Those whose every resource is one learner's, staged under a name that ends with the id."""
