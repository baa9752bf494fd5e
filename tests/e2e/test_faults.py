"""Bad luck: several jobs processes run at once, stopped and killed. Nothing is done twice."""

import os
import signal
import subprocess
import time

from test_main_job import wait_for


def test_three_jobs_processes_do_each_thing_once(world, resident):
    command = [f"{world.build}/minhu-jobs", "--config", f"{world.folder}/minhu.conf"]
    more = [subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for _ in range(2)]
    try:
        made = [resident.submit() for _ in range(6)]
        for i in range(8):
            victim = more[i % 2]
            os.kill(victim.pid, signal.SIGSTOP)
            time.sleep(0.7)
            os.kill(victim.pid, signal.SIGCONT)
            if i == 4:
                victim.kill()
                victim.wait()
                more[i % 2] = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for appeal in made:
            wait_for(lambda a=appeal: resident.own(a)["holder"] != a["holder"], 30)
    finally:
        for process in more:
            process.terminate()
        for process in more:
            process.wait(15)
    for appeal in made:
        hexed = appeal["id"].replace("-", "")
        steps = world.sql(f"SELECT from_unit_id,COUNT(*) FROM appeal_event WHERE appeal_id=UNHEX('{hexed}') AND action=21 GROUP BY 1")
        assert steps and all(n == "1" for _, n in steps), "each holder's step clock ran out once"
        doubled = world.sql(f"SELECT COUNT(*)-COUNT(DISTINCT event_n,person_id) FROM notice WHERE appeal_id=UNHEX('{hexed}')")
        assert doubled == [["0"]]
    numbers = "SELECT seq FROM appeal_event WHERE seq IS NOT NULL UNION ALL SELECT seq FROM audit_line WHERE seq IS NOT NULL"
    assert world.sql(f"SELECT MAX(seq)-COUNT(*) FROM ({numbers}) s") == [["0"]], "seq has no gap"
