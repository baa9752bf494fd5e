#!/usr/bin/python3
"""Plays the story of an appeal over HTTPS against a stack of tests/support/stack: story.py DIR."""

import contextlib
import csv
import io
import json
import ssl
import sys
import time
import urllib.error
import urllib.request
import uuid

from beijing import moment


class Stack:
    """Where a stack listens, and how to talk to it as a client would."""

    def __init__(self, folder):
        self.folder = folder
        with open(f"{folder}/env") as f:
            env = dict(line.strip().split("=", 1) for line in f if "=" in line)
        self.base = f"https://localhost:{env['PORT']}"
        self.zlb = f"http://127.0.0.1:{env['STANDIN_ZLB_PORT']}"
        self.zzd = f"http://127.0.0.1:{env['STANDIN_ZZD_PORT']}"
        self.tls = ssl.create_default_context(cafile=f"{folder}/tls/cert.pem")

    def call(self, method, url, body=None, token=None, **headers):
        data = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        request = urllib.request.Request(url, data=data, method=method)
        if data is not None:
            request.add_header("Content-Type", "application/json")
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        for name, value in headers.items():
            request.add_header(name.replace("_", "-"), value)
        context = self.tls if url.startswith("https") else None
        try:
            with urllib.request.urlopen(request, context=context, timeout=30) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"null")

    def rows(self, name):
        with open(f"{self.folder}/demo/{name}", encoding="utf-8", newline="") as f:
            return list(csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE))


class Story:
    def __init__(self, stack):
        self.stack = stack
        self.number = 0
        with open(f"{stack.folder}/demo/people.json", encoding="utf-8") as f:
            people = json.load(f)
        people = people["people"] if isinstance(people, dict) else people
        self.account = {p["employeeCode"]: p["accountId"] for p in people if p.get("employeeCode")}
        self.posts = stack.rows("posts.tsv")

    def say(self, chinese, english):
        self.number += 1
        print(f"\n{self.number:2}. {chinese}\n    {english}")

    def show(self, method, path, status, answer, *keys):
        brief = {k: answer.get(k) for k in keys if isinstance(answer, dict) and k in answer}
        for key, value in brief.items():
            if isinstance(value, dict) and "name" in value:
                brief[key] = value["name"]
        print(f"    {method} {path} → {status} {json.dumps(brief, ensure_ascii=False)}")

    def do(self, method, path, body=None, token=None, keys=(), expect=(200, 201), **headers):
        status, answer = self.stack.call(method, self.stack.base + path, body, token, **headers)
        self.show(method, path, status, answer, *(keys if status in expect else ("code", "detail", "errors")))
        if status not in expect:
            sys.exit(f"    expected {expect}, got {status}: the story ends here")
        return answer

    def resident(self):
        user = self.stack_residents()[0]
        _, ticket = self.stack.call("POST", f"{self.stack.zlb}/_control/ticket", {"userid": user, "channel": "app"})
        session = self.do("POST", "/zlb/v1/sessions", {"channel": "app", "ticket": ticket["ticket"]}, keys=("resident", "expires_in"))
        return session["access_token"]

    def stack_residents(self):
        with open(f"{self.stack.folder}/demo/residents.json", encoding="utf-8") as f:
            people = json.load(f)
        people = people["people"] if isinstance(people, dict) else people
        return [p["userid"] for p in people]

    def staff(self, unit_code):
        """Signs in whoever dispatches for a unit."""
        for role in ("dispatcher", "unit_lead", "handler"):
            for post in self.posts:
                if post["unit_code"] == unit_code and post["role"] == role and post["employee_code"] in self.account:
                    account = self.account[post["employee_code"]]
                    _, code = self.stack.call("POST", f"{self.stack.zzd}/_control/code", {"accountId": account})
                    session = self.do("POST", "/zzd/v1/sessions", {"code": code["code"]}, keys=("expires_in",))
                    staff = session["staff"]
                    print(f"    {staff['name']}, {staff['post']['unit']['name']}, {staff['post']['role']['name']}")
                    for p in staff["posts"]:
                        if p["unit"]["code"] == unit_code and p["id"] != staff["post"]["id"]:
                            self.do("POST", "/zzd/v1/me/post", {"post_id": p["id"]}, session["access_token"])
                    return session["access_token"]
        sys.exit(f"nobody dispatches for {unit_code}")

    def wait(self, what, seconds, look):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            answer = look()
            if answer:
                return answer
            time.sleep(0.5)
        sys.exit(f"    {what} did not happen within {seconds} s")

    def play(self):
        place = self.stack.rows("places.tsv")[0]
        self.say("居民在浙里办打开“民呼必应”，用票据登录", "A resident opens Minhu in Zheliban and signs in with the app's ticket")
        me = self.resident()
        self.say("居民用几下点击提交诉求", "The resident submits an appeal")
        appeal = self.do("POST", "/zlb/v1/appeals", {"kind": "help", "text": "楼道里的路灯坏了三天，老人晚上上下楼很不方便，请尽快修好。",
                                                     "place_code": place["code"]},
                         me, ("number", "state", "holder", "respond_by", "resolve_by"), Idempotency_Key=str(uuid.uuid4()))
        holder = appeal["holder"]
        self.say(f"诉求自动派到“{holder['name']}”；该单位的调度员登录浙政钉", "It was routed to a unit, whose dispatcher signs in from Zhezhengding")
        staff = self.staff(holder["code"])
        self.say("调度员收到通知，看到待受理箱", "The dispatcher was notified and looks at the box of what is to be accepted")
        self.wait("the notice", 20, lambda: [n for n in self.stack.call("GET", self.stack.base + "/zzd/v1/notices", token=staff)[1]["items"]
                                             if n["appeal"]["id"] == appeal["id"]])
        self.do("GET", "/zzd/v1/notices/unread", token=staff, keys=("unread",))
        self.do("GET", "/zzd/v1/boxes", token=staff, keys=("unit", "to_accept", "in_hand", "due_soon", "overdue", "escalated"))
        base = f"/zzd/v1/appeals/{appeal['id']}"
        self.say("受理，并告知居民进展", "It is accepted, and the resident told how it goes")
        appeal = self.do("POST", f"{base}/accept", {}, staff, ("number", "state", "version"), If_Match=f'"{appeal["version"]}"')
        appeal = self.do("POST", f"{base}/progress", {"text": "电工今天下午三点到现场。"}, staff, ("state",))
        self.say("办结：写明结果", "It is resolved, with an outcome and a result")
        appeal = self.do("POST", f"{base}/resolve", {"outcome": "solved", "text": "已更换路灯和声控开关，现场试亮正常。"}, staff,
                         ("number", "state", "outcome", "result"), If_Match=f'"{appeal["version"]}"')
        self.say("居民查看结果并打五星", "The resident reads the result and gives five stars")
        mine = self.do("GET", f"/zlb/v1/appeals/{appeal['id']}", token=me, keys=("number", "state", "result"))
        for event in mine["timeline"]:
            print(f"      · {event['at'][11:19]} {event['action']['name']} {event['text']}")
        self.do("POST", f"/zlb/v1/appeals/{appeal['id']}/rate", {"solved": True, "stars": 5, "comment": "当天就修好了，谢谢！"}, me,
                ("number", "state", "stars"), If_Match=f'"{mine["version"]}"')
        self.say("第二件诉求没有人管……", "A second appeal is left alone …")
        second = self.do("POST", "/zlb/v1/appeals", {"kind": "complain", "text": "楼下垃圾桶两天没有清运，味道很大。", "place_code": place["code"]},
                         me, ("number", "state", "holder"), Idempotency_Key=str(uuid.uuid4()))
        print("    (the demonstration's step clock is 12 seconds and runs round the clock)")
        self.say("……环节时限一到，自动上报到上一级", "… until its step clock runs out and it falls to the next tier by itself")
        moved = self.wait("the escalation", 60, lambda: self.escalated(second, me))
        self.show("GET", f"/zlb/v1/appeals/{second['id']}", 200, moved, "number", "state", "holder", "first_unit")
        for line in moved["ledger"]:
            print(f"      · {line['unit']['name']}: {line['wall_seconds']} s{', step clock ran out' if line['step_ran_out'] else ''}")
        self.wires(me)
        self.end(me, staff, appeal)

    def quietly(self, method, path, body=None, token=None, expect=(200, 201), **headers):
        """A step that is not shown by itself."""
        status, answer = self.stack.call(method, self.stack.base + path, body, token, **headers)
        if status not in expect:
            self.show(method, path, status, answer, "code", "detail", "errors")
            sys.exit(f"    expected {expect}, got {status}: the story ends here")
        return answer

    def quiet_staff(self, unit_code):
        with contextlib.redirect_stdout(io.StringIO()):
            return self.staff(unit_code)

    def wires(self, me):
        """The wires case: a community's joint committee brings everybody to the table."""
        place = self.stack.rows("places.tsv")[0]
        self.say("第三件：楼道飞线，多次没人管", "A third one: wires in the stairwell that nobody feels responsible for")
        appeal = self.do("POST", "/zlb/v1/appeals", {"kind": "help", "text": "3 幢楼道里各家的网线缠成一团，垂到扶手上，老人容易绊倒，反映多次没人管。",
                                                     "category_code": "property.owners", "place_code": place["code"]},
                         me, ("number", "holder"), Idempotency_Key=str(uuid.uuid4()))
        base, community = f"/zzd/v1/appeals/{appeal['id']}", self.quiet_staff(appeal["holder"]["code"])
        self.quietly("POST", f"{base}/accept", {}, community, If_Match='"1"')
        group = next(g for g in self.quietly("GET", "/zzd/v1/groups", token=community)["items"]
                     if g["area"]["code"] == appeal["holder"]["code"] and g["kind"]["code"] == "joint_committee")
        self.say(f"社区请出“{group['name']}”：一次邀请全体成员，由“{group['lead']['name']}”牵头",
                 "The community calls its joint committee in, with one action; the leading office takes the lead")
        parts = self.quietly("POST", f"{base}/groups", {"group_code": group["code"], "text": "楼道飞线整治，请各自整理线缆。", "make_lead": True},
                             community, If_Match='"2"')["items"]
        lead = self.quiet_staff(group["lead"]["code"])
        print("    " + "、".join(p["unit"]["name"] if p["unit"] else p["organisation"] for p in parts))
        self.quietly("POST", f"{base}/accept", {}, lead, If_Match='"3"')
        self.say("两次会议、一次现场查看，住户看得到进展", "Two meetings and a site visit; the resident reads how it goes")
        people = [{"unit_code": p["unit"]["code"]} if p["unit"] else {"organisation": p["organisation"]} for p in parts]
        for agenda, told in (("摸清各家线路", "已开会，各运营商认领线路。"), ("定下施工日期", "已定下施工日期。")):
            meeting = self.quietly("POST", f"{base}/meetings", {"at": moment(days=7), "place": "社区议事厅", "agenda": agenda, "invited": people},
                                   lead)
            self.do("POST", f"/zzd/v1/meetings/{meeting['id']}/minutes", {"text": agenda, "came": people, "public_text": told}, lead, ("kind", "agenda"))
        self.do("POST", f"{base}/visits", {"at": "2026-01-05T10:00:00+08:00", "place": "3 幢", "text": "共 12 处飞线。", "came": people,
                                           "public_text": "已到现场查看。"}, lead, ("kind", "text"))
        self.say("各单位办结自己的部分；没有账号的运营商用链接答复", "Each does its part; operators without an account answer by a link")
        for part in parts:
            self.answer_part(part, lead)
        self.say("协办全部完成，牵头单位才能办结；居民打五星", "All parts done, the lead resolves; the resident gives five stars")
        version = self.quietly("GET", base, token=lead)["version"]
        self.do("POST", f"{base}/resolve", {"outcome": "solved", "text": "楼道线缆已全部入槽，无主线缆已拆除。"}, lead, ("number", "state", "parts_left"),
                If_Match=f'"{version}"')
        mine = self.quietly("GET", f"/zlb/v1/appeals/{appeal['id']}", token=me)
        for event in mine["timeline"]:
            print(f"      · {event['at'][11:19]} {event['action']['name']} {event['text'] or ''}")
        self.do("POST", f"/zlb/v1/appeals/{appeal['id']}/rate", {"solved": True, "stars": 5, "comment": "终于整齐了！"}, me,
                ("number", "state", "stars"), If_Match=f'"{mine["version"]}"')

    def answer_part(self, part, lead):
        body = {"outcome": "done", "text": "已按会议要求完成。"}
        if part["unit"]:
            self.quietly("POST", f"/zzd/v1/parts/{part['id']}/answer", body, self.quiet_staff(part["unit"]["code"]))
        else:
            token = self.quietly("POST", f"/zzd/v1/parts/{part['id']}/link", {}, lead)["token"]
            self.do("POST", "/open/v1/part/answer", body, token, ("organisation", "state"), Idempotency_Key=str(uuid.uuid4()))

    def escalated(self, appeal, token):
        _, now = self.stack.call("GET", f"{self.stack.base}/zlb/v1/appeals/{appeal['id']}", token=token)
        return now if now["holder"]["code"] != appeal["holder"]["code"] else None

    def end(self, me, staff, appeal):
        cert, base = f"{self.stack.folder}/tls/cert.pem", self.stack.base
        print(f"""
Try it yourself (the tokens live 30 minutes) 自己试一试:

  curl --cacert {cert} -H 'Authorization: Bearer {me}' '{base}/zlb/v1/appeals?limit=5'

  curl --cacert {cert} -H 'Authorization: Bearer {staff}' '{base}/zzd/v1/appeals/{appeal['id']}'

  curl --cacert {cert} -H 'Authorization: Bearer {me}' -H 'Content-Type: application/json' \\
       -H 'Idempotency-Key: try-1' -d '{{"kind":"ask","text":"请问社区食堂几点开门？"}}' '{base}/zlb/v1/appeals'""")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    Story(Stack(sys.argv[1])).play()
