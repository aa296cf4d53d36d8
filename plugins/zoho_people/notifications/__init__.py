"""Who is told when a run fails, brings less than it should, comes near the day's quota, meets a lock or is late.

* :mod:`zoho_people.notifications.alerts`: when each alert is sent, and what Airflow calls for it;
* :mod:`zoho_people.notifications.alert`: one alert's notifiers, and how they are called;
* :mod:`zoho_people.notifications.facts`: what their templates may use;
* :mod:`zoho_people.notifications.lock_news`: one alert a lock, however many tasks meet it;
* :mod:`zoho_people.notifications.late`: Airflow's deadline for a day's snapshot.
"""
