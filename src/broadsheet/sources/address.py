"""Base addresses as people write them: with or without a path, a slash at the end, a scheme."""

from urllib.parse import urlsplit


def completed(url: str, endings: tuple[str, ...]) -> str:
    """`url` with the first of `endings` added, unless it already ends in one of them.

    `completed("http://host:8099/", ("/oai", "/oai2"))` is `http://host:8099/oai`.
    """
    url = url.strip().rstrip("/")
    if "://" not in url:
        url = f"https://{url}"
    return url if urlsplit(url).path.endswith(endings) else url + endings[0]
