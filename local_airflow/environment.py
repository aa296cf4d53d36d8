"""Which variables of the caller's environment reach the processes that are started here.

A shell has secrets of all kinds, and settings of another Airflow or Python. Only what is named here gets through;
everything else comes from `.env` or is set by `configuration`.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from local_airflow.port import LOOPBACK

_NAMES = frozenset(
    {
        *("HOME", "LANG", "LANGUAGE", "LOGNAME", "PATH", "SHELL", "TERM", "TMPDIR", "TZ", "TZDIR", "USER"),
        *("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH"),
        # macOS: without it Python may crash in a forked worker that looks up a host.
        "OBJC_DISABLE_INITIALIZE_FORK_SAFETY",
        # proxies
        *("ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"),
        *("all_proxy", "http_proxy", "https_proxy", "no_proxy"),
        # certificates
        *("CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_DIR", "SSL_CERT_FILE"),
        *("GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", "HTTPLIB2_CA_CERTS"),
    }
)
# Locales, and how many threads (or which kernel) numeric libraries take.
_PREFIXES = ("LC_", "OMP_", "OPENBLAS_")
# What the SDKs behind s3://, gs:// and abfs:// read.
CLOUD_PREFIXES = ("AWS_", "AZURE_", "CLOUDSDK_", "GOOGLE_")


def for_emulator(environment: Mapping[str, str]) -> dict[str, str]:
    """What any program needs to run, with loopback out of any proxy."""
    kept = {name: value for name, value in environment.items() if _is_plain(name)}
    bin_folder = str(Path(sys.executable).parent)
    kept["PATH"] = os.pathsep.join([bin_folder, kept.get("PATH", os.defpath)])
    for name in ("NO_PROXY", "no_proxy"):
        kept[name] = ",".join(filter(None, [kept.get(name), LOOPBACK, "localhost"]))
    return kept


def for_airflow(environment: Mapping[str, str]) -> dict[str, str]:
    """The same with the credentials of object stores."""
    cloud = {name: value for name, value in environment.items() if name.startswith(CLOUD_PREFIXES)}
    return cloud | for_emulator(environment)


def _is_plain(name: str) -> bool:
    return name in _NAMES or name.startswith(_PREFIXES)
