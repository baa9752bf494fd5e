"""Times as the API takes and shows them: in Beijing, so far from now."""

import datetime

BEIJING = datetime.timezone(datetime.timedelta(hours=8))


def moment(timespec="milliseconds", **delta):
    """An instant so far from now: moment(days=7), moment(minutes=-5)."""
    return (datetime.datetime.now(BEIJING) + datetime.timedelta(**delta)).isoformat(timespec=timespec)


def day(days):
    """The date so many days from today."""
    return moment(days=days)[:10]
