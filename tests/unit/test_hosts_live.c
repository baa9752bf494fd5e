/* Host clients against the stand-ins of both host apps, which are started as child processes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/crypto.h"
#include "base/log.h"
#include "base/timefmt.h"
#include "hosts/answer.h"
#include "hosts/zlb.h"
#include "hosts/zzd.h"
#include "standins.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

enum { SKIPPED = 77, TOTAL_MS = 3000, SHORT_MS = 400 };

/* ---- stand-ins ---- */

static struct standin zlb_standin, zzd_standin;
static struct arena arena;
static struct http_client client, control;
static char log_path[] = "/tmp/test_hosts_log_XXXXXX";

static struct str tell(const struct standin *s, bool post, const char *path, const char *body) {
    return standin_tell(&control, s, post, path, body, &arena);
}

static struct str told(const struct standin *s, const char *path, const char *body, const char *member) {
    struct str text = answer_text(answer_parse(tell(s, true, path, body), &arena), member, 200);
    assert_non_null(text.p);
    return text;
}

/* How many calls of this path the stand-in has seen since its last reset. */
static int calls_of(const struct standin *s, const char *path) {
    int n = 0;
    struct str text = tell(s, false, arena_printf(&arena, "/_control/log?path=%s", path), "");
    const struct json_value *list = json_at(answer_parse(text, &arena), "requests", NULL);
    for (const struct json_value *v = list ? list->child : NULL; v; v = v->next) n++;
    return n;
}

static void fault(const struct standin *s, const char *json) { tell(s, true, "/_control/fault", json); }

static int start(void **state) {
    (void)state;
    char qr_ak[] = "--qr-ak", qr_ak_value[] = "minhu-demo-qrkey", qr_sk[] = "--qr-sk",
         qr_sk_value[] = "minhu-demo-qrsecret";
    char person_day[] = "--person-day", three[] = "3";
    char *const none[] = {NULL}, *const zzd_extra[] = {qr_ak, qr_ak_value, qr_sk, qr_sk_value, person_day, three, NULL};
    int fd = mkstemp(log_path);
    if (fd < 0 || close(fd) != 0 || !log_open(log_path, LOG_DEBUG)) return -1;
    arena_init(&arena, 64u << 20);
    if (!crypto_init() || !hosts_init() || !http_client_init(&client) || !http_client_init(&control)) return -1;
    if (!standin_start("standin_zlb.py", none, &zlb_standin) ||
        !standin_start("standin_zzd.py", zzd_extra, &zzd_standin))
        return -1;
    tell(&zlb_standin, true, "/_control/person",
         "[{\"userid\":\"u1\",\"username\":\"测试甲\",\"mobile\":\"13800000000\",\"idtype\":\"1\",\"idnum\":"
         "\"330100199001010011\",\"authlevel\":\"3\"},"
         "{\"userid\":\"u2\",\"unreadable\":true}]");
    tell(&zzd_standin, true, "/_control/person",
         "[{\"accountId\":1001,\"employeeCode\":\"GE_a\",\"lastName\":\"测试乙\",\"mobile\":\"13800000001\"},"
         "{\"accountId\":9007199254740993,\"employeeCode\":\"GE_b\",\"lastName\":\"测试丙\",\"mobile\":\"13800000002\"}"
         "]");
    return 0;
}

static int stop(void **state) {
    (void)state;
    standin_stop(&zlb_standin);
    standin_stop(&zzd_standin);
    http_client_end(&client);
    http_client_end(&control);
    hosts_end();
    arena_free(&arena);
    log_open(NULL, LOG_ERROR);
    unlink(log_path);
    return 0;
}

static int fresh(void **state) {
    (void)state;
    arena_reset(&arena);
    tell(&zlb_standin, true, "/_control/reset", "{}");
    tell(&zzd_standin, true, "/_control/reset", "{}");
    return 0;
}

/* ---- Zheliban ---- */

static struct zlb_config zlb_config(int total_ms) {
    return (struct zlb_config){.gateway = zlb_standin.url,
                               .connect_ms = 1000,
                               .total_ms = total_ms,
                               .app_id = "minhu-demo-appid",
                               .access_key = "BCDSGA_demo0001",
                               .secret_key = "BCDSGS_demo0001",
                               .components = {[ZLB_TICKET] = {.id = "IC33000020220228000002"},
                                              [ZLB_USER] = {.id = "IC33000020220228000004"},
                                              [ZLB_TOKEN] = {.id = "IC33000020220329000007"},
                                              [ZLB_INFO] = {.id = "IC33000020220329000008"},
                                              [ZLB_SMS] = {.id = "IC33000020220322000001"}}};
}

static struct str new_ticket(const char *user, const char *channel) {
    return told(&zlb_standin, "/_control/ticket",
                arena_printf(&arena, "{\"userid\":\"%s\",\"channel\":\"%s\"}", user, channel), "ticket");
}

static enum rc exchange(enum zlb_channel channel, struct str ticket, struct zlb_person *p) {
    struct zlb_config config = zlb_config(TOTAL_MS);
    return zlb_exchange_ticket(&client, &config, channel, ticket, &arena, p);
}

static void tickets_become_persons_once(void **state) {
    (void)state;
    static const char *const channels[ZLB_CHANNEL__MAX] = {"app", "alipay", "wechat"};
    for (int i = 0; i < ZLB_CHANNEL__MAX; i++) {
        struct zlb_person p;
        struct str ticket = new_ticket("u1", channels[i]);
        assert_int_equal(exchange((enum zlb_channel)i, ticket, &p), RC_OK);
        assert_true(str_is(p.user_id, i == ZLB_WECHAT ? "sso-u1" : "u1"));
        assert_true(str_is(p.name, "测试甲") && str_is(p.phone, "13800000000") &&
                    str_is(p.id_number, "330100199001010011"));
        assert_int_equal(p.auth_level, i == ZLB_WECHAT ? 2 : 3);
        assert_int_equal(exchange((enum zlb_channel)i, ticket, &p), RC_BAD_TICKET);
    }
}

static void wrong_tickets_are_told_from_a_broken_host(void **state) {
    (void)state;
    struct zlb_person p;
    assert_int_equal(exchange(ZLB_APP, STR("ST-00000000"), &p), RC_BAD_TICKET);
    assert_int_equal(exchange(ZLB_APP, STR("x&st=y=z+ %"), &p), RC_BAD_TICKET);
    assert_int_equal(exchange(ZLB_WECHAT, STR("\"}{"), &p), RC_BAD_TICKET);
    assert_int_equal(exchange(ZLB_WECHAT, new_ticket("u1", "app"), &p), RC_BAD_TICKET);
    struct str late = new_ticket("u1", "app");
    tell(&zlb_standin, true, "/_control/clock", "{\"offset\":61}");
    assert_int_equal(exchange(ZLB_APP, late, &p), RC_BAD_TICKET);
    tell(&zlb_standin, true, "/_control/clock", "{\"offset\":0}");
    assert_int_equal(exchange(ZLB_APP, new_ticket("u2", "app"), &p), RC_HOST_APP);
    assert_int_equal(exchange(ZLB_WECHAT, new_ticket("u2", "wechat"), &p), RC_HOST_APP);
}

static void a_broken_gateway_is_a_host_failure(void **state) {
    (void)state;
    static const char *const faults[] = {"{\"mode\":\"dead\"}",
                                         "{\"mode\":\"error500\"}",
                                         "{\"mode\":\"garbage\"}",
                                         "{\"mode\":\"badsig\"}",
                                         "{\"mode\":\"wrong\"}",
                                         "{\"mode\":\"wrong\",\"code\":\"9904\"}",
                                         "{\"mode\":\"dead\",\"path\":\"/restapi/prod/IC33000020220228000004\"}",
                                         "{\"mode\":\"garbage\",\"path\":\"/restapi/prod/IC33000020220228000004\"}"};
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        struct zlb_person p;
        struct str ticket = new_ticket("u1", "app");
        fault(&zlb_standin, faults[i]);
        assert_int_equal(exchange(ZLB_APP, ticket, &p), RC_HOST_APP);
    }
}

static void our_wrong_keys_are_a_host_failure(void **state) {
    (void)state;
    struct zlb_person p;
    struct zlb_config config = zlb_config(TOTAL_MS);
    config.secret_key = "wrong";
    assert_int_equal(zlb_exchange_ticket(&client, &config, ZLB_APP, new_ticket("u1", "app"), &arena, &p), RC_HOST_APP);
    config.components[ZLB_TICKET].secret_key = config.components[ZLB_USER].secret_key = "BCDSGS_demo0001";
    assert_int_equal(zlb_exchange_ticket(&client, &config, ZLB_APP, new_ticket("u1", "app"), &arena, &p), RC_OK);
    config = zlb_config(TOTAL_MS);
    config.access_key = "a\r\nX-Evil: 1";
    assert_int_equal(zlb_exchange_ticket(&client, &config, ZLB_APP, new_ticket("u1", "app"), &arena, &p), RC_HOST_APP);
    config = zlb_config(TOTAL_MS);
    config.components[ZLB_TICKET].id = "IC0";
    assert_int_equal(zlb_exchange_ticket(&client, &config, ZLB_APP, new_ticket("u1", "app"), &arena, &p), RC_HOST_APP);
    tell(&zlb_standin, true, "/_control/clock", "{\"skew\":200}");
    assert_int_equal(exchange(ZLB_APP, new_ticket("u1", "app"), &p), RC_HOST_APP);
}

/* The deadline is the exchange's: two calls that are both slow do not get it twice. */
static void a_slow_gateway_is_given_up_in_time(void **state) {
    (void)state;
    struct zlb_person p;
    struct zlb_config config = zlb_config(SHORT_MS);
    struct str ticket = new_ticket("u1", "app");
    fault(&zlb_standin, "{\"mode\":\"slow\",\"seconds\":0.25}");
    int64_t before = time_mono_us();
    assert_int_equal(zlb_exchange_ticket(&client, &config, ZLB_APP, ticket, &arena, &p), RC_HOST_APP);
    int64_t took_ms = (time_mono_us() - before) / 1000;
    assert_in_range(took_ms, SHORT_MS - 100, SHORT_MS + 300);
    fault(&zlb_standin, "{\"mode\":\"none\"}");
}

static void text_messages_are_sent(void **state) {
    (void)state;
    struct zlb_config config = zlb_config(TOTAL_MS);
    assert_int_equal(zlb_send_sms(&client, &config, STR("13800000000"), STR("工单 A+1 & B=2 已受理~！"), &arena),
                     RC_OK);
    const struct json_value *list = json_at(answer_parse(tell(&zlb_standin, false, "/_control/sms", ""), &arena), "sms",
                                            NULL);
    assert_true(list && list->child &&
                str_is(json_text(json_at(list->child, "content", NULL)), "工单 A+1 & B=2 已受理~！"));
    fault(&zlb_standin, "{\"mode\":\"dead\"}");
    assert_int_equal(zlb_send_sms(&client, &config, STR("13800000000"), STR("x"), &arena), RC_UNCERTAIN);
    fault(&zlb_standin, "{\"mode\":\"error500\"}");
    assert_int_equal(zlb_send_sms(&client, &config, STR("13800000000"), STR("x"), &arena), RC_UNCERTAIN);
    fault(&zlb_standin, "{\"mode\":\"badsig\"}");
    assert_int_equal(zlb_send_sms(&client, &config, STR("13800000000"), STR("x"), &arena), RC_HOST_APP);
    config.gateway = "http://127.0.0.1:1";
    assert_int_equal(zlb_send_sms(&client, &config, STR("13800000000"), STR("x"), &arena), RC_HOST_APP);
}

/* ---- Zhezhengding ---- */

static struct zzd_config zzd_config(int total_ms) {
    return (struct zzd_config){.host = zzd_standin.url,
                               .app_key = "minhu-demo-appkey",
                               .app_secret = "minhu-demo-secret-0001",
                               .qr_app_key = "minhu-demo-qrkey",
                               .qr_app_secret = "minhu-demo-qrsecret",
                               .tenant_id = "100",
                               .connect_ms = 1000,
                               .total_ms = total_ms};
}

static struct str new_code(const char *account, const char *kind) {
    return told(&zzd_standin, "/_control/code",
                arena_printf(&arena, "{\"accountId\":%s,\"kind\":\"%s\"}", account, kind), "code");
}

static void codes_become_staff_once(void **state) {
    (void)state;
    static const char *const kinds[ZZD_WAY__MAX] = {"app", "qr"};
    struct zzd_config config = zzd_config(TOTAL_MS);
    struct zzd_tokens tokens;
    assert_true(zzd_tokens_init(&tokens));
    for (int i = 0; i < ZZD_WAY__MAX; i++) {
        struct zzd_person p;
        struct str code = new_code("9007199254740993", kinds[i]);
        assert_int_equal(zzd_exchange_code(&client, &config, &tokens, (enum zzd_way)i, code, &arena, &p), RC_OK);
        assert_true(p.realm_id == 100 && p.account_id == INT64_C(9007199254740993));
        assert_true(str_is(p.employee_code, "GE_b") && str_is(p.name, "测试丙"));
        assert_int_equal(zzd_exchange_code(&client, &config, &tokens, (enum zzd_way)i, code, &arena, &p),
                         RC_BAD_TICKET);
        code = new_code("1001", kinds[1 - i]);
        assert_int_equal(zzd_exchange_code(&client, &config, &tokens, (enum zzd_way)i, code, &arena, &p),
                         RC_BAD_TICKET);
    }
    assert_int_equal(calls_of(&zzd_standin, "/gettoken.json"), 2);
    zzd_tokens_end(&tokens);
}

static void a_refused_token_is_got_again_once(void **state) {
    (void)state;
    struct zzd_config config = zzd_config(TOTAL_MS);
    struct zzd_tokens tokens;
    struct zzd_person p;
    assert_true(zzd_tokens_init(&tokens));
    assert_int_equal(zzd_exchange_code(&client, &config, &tokens, ZZD_CLIENT, new_code("1001", "app"), &arena, &p),
                     RC_OK);
    tell(&zzd_standin, true, "/_control/expire", "{\"what\":\"tokens\"}");
    assert_int_equal(zzd_exchange_code(&client, &config, &tokens, ZZD_CLIENT, new_code("1001", "app"), &arena, &p),
                     RC_OK);
    assert_int_equal(calls_of(&zzd_standin, "/gettoken.json"), 2);
    fault(&zzd_standin, "{\"mode\":\"wrong\",\"code\":\"250027\",\"path\":\"/rpc/\"}");
    assert_int_equal(zzd_exchange_code(&client, &config, &tokens, ZZD_CLIENT, new_code("1001", "app"), &arena, &p),
                     RC_HOST_APP);
    assert_int_equal(calls_of(&zzd_standin, "/gettoken.json"), 3);
    assert_int_equal(calls_of(&zzd_standin, "/rpc/"), 5);
    zzd_tokens_end(&tokens);
}

/* A refresh that fails costs nothing while the old token lives. */
static void an_old_token_outlasts_a_failed_refresh(void **state) {
    (void)state;
    struct zzd_config config = zzd_config(TOTAL_MS);
    struct zzd_tokens tokens;
    struct zzd_person p;
    assert_true(zzd_tokens_init(&tokens));
    assert_int_equal(zzd_exchange_code(&client, &config, &tokens, ZZD_CLIENT, new_code("1001", "app"), &arena, &p),
                     RC_OK);
    tokens.slots[ZZD_CLIENT].refresh_at_us = time_mono_us();
    fault(&zzd_standin, "{\"mode\":\"garbage\",\"path\":\"/gettoken\"}");
    for (int i = 0; i < 2; i++)
        assert_int_equal(zzd_exchange_code(&client, &config, &tokens, ZZD_CLIENT, new_code("1001", "app"), &arena, &p),
                         RC_OK);
    assert_int_equal(calls_of(&zzd_standin, "/gettoken.json"), 2);
    zzd_tokens_end(&tokens);
}

static void a_broken_platform_is_a_host_failure(void **state) {
    (void)state;
    static const char *const faults[] = {"{\"mode\":\"dead\"}",
                                         "{\"mode\":\"error500\"}",
                                         "{\"mode\":\"garbage\"}",
                                         "{\"mode\":\"badsig\"}",
                                         "{\"mode\":\"wrong\",\"path\":\"/gettoken\"}",
                                         "{\"mode\":\"garbage\",\"path\":\"/rpc/\"}",
                                         "{\"mode\":\"wrong\",\"path\":\"/rpc/\",\"code\":\"1\"}",
                                         "{\"mode\":\"slow\",\"seconds\":2}"};
    struct zzd_config config = zzd_config(SHORT_MS);
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        struct zzd_tokens tokens;
        struct zzd_person p;
        struct str code = new_code("1001", "app");
        assert_true(zzd_tokens_init(&tokens));
        fault(&zzd_standin, faults[i]);
        int64_t before = time_mono_us();
        assert_int_equal(zzd_exchange_code(&client, &config, &tokens, ZZD_CLIENT, code, &arena, &p), RC_HOST_APP);
        assert_true(time_mono_us() - before < (SHORT_MS + 300) * INT64_C(1000));
        zzd_tokens_end(&tokens);
    }
}

struct runner {
    struct zzd_config config;
    struct zzd_tokens *tokens;
    enum rc rc;
};

static void *run_token(void *user) {
    struct runner *r = user;
    struct arena own;
    struct http_client c;
    struct str token;
    arena_init(&own, 4u << 20);
    r->rc = RC_INTERNAL;
    if (http_client_init(&c))
        r->rc = zzd_app_token(&c, &r->config, r->tokens, ZZD_CLIENT, time_mono_us() + r->config.total_ms * 1000, &own,
                              &token);
    http_client_end(&c);
    arena_free(&own);
    return NULL;
}

static void threads_share_one_token(void **state) {
    (void)state;
    enum { THREADS = 8 };
    pthread_t threads[THREADS];
    struct runner runners[THREADS];
    struct zzd_tokens tokens;
    assert_true(zzd_tokens_init(&tokens));
    fault(&zzd_standin, "{\"mode\":\"slow\",\"seconds\":1}");
    for (int i = 0; i < THREADS; i++) {
        /* The last has no time to wait for the others. */
        runners[i] = (struct runner){zzd_config(i == THREADS - 1 ? 50 : TOTAL_MS), &tokens, RC_OK};
        assert_int_equal(pthread_create(&threads[i], NULL, run_token, &runners[i]), 0);
        if (i == 0) usleep(50000);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(runners[i].rc, i == THREADS - 1 ? RC_HOST_APP : RC_OK);
    }
    fault(&zzd_standin, "{\"mode\":\"none\"}");
    assert_int_equal(calls_of(&zzd_standin, "/gettoken.json"), 1);
    zzd_tokens_end(&tokens);
}

static void the_directory_is_asked(void **state) {
    (void)state;
    struct zzd_config config = zzd_config(TOTAL_MS);
    struct zzd_contact *found;
    size_t n;
    const struct str mobiles[] = {STR("13800000001"), STR("13800000002"), STR("13900000000")};
    assert_int_equal(zzd_find_by_mobiles(&client, &config, mobiles, 3, &arena, &found, &n), RC_OK);
    assert_int_equal(n, 2);
    assert_true(str_is(found[0].mobile, "13800000001") && str_is(found[0].employee_code, "GE_a") &&
                found[0].account_id == 1001);
    struct str codes[ZZD_CODES_MAX];
    for (size_t i = 0; i < ZZD_CODES_MAX; i++) codes[i] = str_of(arena_printf(&arena, "GE_%zu", i));
    codes[7] = STR("GE_b");
    assert_int_equal(zzd_account_ids_by_codes(&client, &config, codes, ZZD_CODES_MAX, &arena, &found, &n), RC_OK);
    assert_int_equal(n, 1);
    assert_true(found[0].account_id == INT64_C(9007199254740993) && str_is(found[0].employee_code, "GE_b"));
    config.app_secret = "wrong";
    assert_int_equal(zzd_find_by_mobiles(&client, &config, mobiles, 3, &arena, &found, &n), RC_HOST_APP);
}

static enum zzd_notice notify(const int64_t *receivers, size_t n, const char *id, const char *text) {
    struct zzd_config config = zzd_config(SHORT_MS);
    const char *msg = arena_printf(&arena, "{\"msgtype\":\"text\",\"text\":{\"content\":\"%s\"}}", text);
    return zzd_send_work_notice(&client, &config, receivers, n, str_of(id), str_of(msg), &arena);
}

static void notices_keep_the_limits(void **state) {
    (void)state;
    const int64_t both[] = {1001, INT64_C(9007199254740993)};
    assert_int_equal(notify(both, 2, "b-1", "工单 A+1&2=3 已受理"), ZZD_NOTICE_SENT);
    assert_int_equal(notify(both, 2, "b-1", "工单 A+1&2=3 已受理"), ZZD_NOTICE_DUPLICATE);
    assert_int_equal(notify(both, 2, "b-2", "another batch at once"), ZZD_NOTICE_LIMIT);
    assert_int_equal(notify(both, 1, "b-3", "工单 A+1&2=3 已受理"), ZZD_NOTICE_LIMIT);
    assert_int_equal(notify(both, 1, "b-4", "second"), ZZD_NOTICE_SENT);
    assert_int_equal(notify(both, 1, "b-5", "third"), ZZD_NOTICE_SENT);
    assert_int_equal(notify(both, 1, "b-6", "fourth"), ZZD_NOTICE_LIMIT);
    const struct json_value *list = json_at(answer_parse(tell(&zzd_standin, false, "/_control/notices", ""), &arena),
                                            "notices", NULL);
    assert_true(list && list->child);
    assert_true(str_is(json_text(json_at(list->child, "msg", "text", "content", NULL)), "工单 A+1&2=3 已受理"));
}

/* Lost answers are uncertain, and repeating with the same id tells. */
static void uncertain_notices_can_be_repeated(void **state) {
    (void)state;
    const int64_t one[] = {1001};
    fault(&zzd_standin, "{\"mode\":\"dead\",\"after\":true}");
    assert_int_equal(notify(one, 1, "c-1", "one"), ZZD_NOTICE_UNCERTAIN);
    fault(&zzd_standin, "{\"mode\":\"none\"}");
    assert_int_equal(notify(one, 1, "c-1", "one"), ZZD_NOTICE_DUPLICATE);
    assert_int_equal(calls_of(&zzd_standin, "/message/"), 2);
    static const char *const faults[] = {"{\"mode\":\"dead\"}", "{\"mode\":\"error500\"}", "{\"mode\":\"garbage\"}",
                                         "{\"mode\":\"slow\",\"seconds\":1}"};
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        fault(&zzd_standin, faults[i]);
        assert_int_equal(notify(one, 1, arena_printf(&arena, "d-%zu", i), "x"), ZZD_NOTICE_UNCERTAIN);
    }
    fault(&zzd_standin, "{\"mode\":\"badsig\"}");
    assert_int_equal(notify(one, 1, "c-2", "two"), ZZD_NOTICE_REFUSED);
    struct zzd_config config = zzd_config(SHORT_MS);
    config.host = "http://127.0.0.1:1";
    assert_int_equal(zzd_send_work_notice(&client, &config, one, 1, STR("c-3"), STR("{}"), &arena),
                     ZZD_NOTICE_NOT_SENT);
}

/* ---- what holds for both ---- */

/* Runs an exchange with less memory, then a bit more, until it succeeds: it must fail cleanly each time before. */
static void exchanges_survive_lack_of_memory(void **state) {
    (void)state;
    struct zzd_config config = zzd_config(TOTAL_MS);
    for (int way = 0; way < 3; way++) {
        enum rc rc = RC_INTERNAL;
        for (long n = 0; n < 400 && rc != RC_OK; n++) {
            struct zzd_tokens tokens;
            struct zlb_person resident;
            struct zzd_person staff;
            assert_true(zzd_tokens_init(&tokens));
            struct str code = way == 2 ? new_code("1001", "app") : new_ticket("u1", way ? "wechat" : "app");
            arena.fail_after = n;
            rc = way == 2 ? zzd_exchange_code(&client, &config, &tokens, ZZD_CLIENT, code, &arena, &staff)
                          : exchange(way ? ZLB_WECHAT : ZLB_APP, code, &resident);
            arena.fail_after = -1;
            assert_true(rc == RC_OK || rc == RC_HOST_APP || rc == RC_INTERNAL);
            zzd_tokens_end(&tokens);
            arena_reset(&arena);
        }
        assert_int_equal(rc, RC_OK);
    }
}

/* Runs after all the others, whose log it reads: failures are there, persons and secrets are not. */
static void the_log_names_nobody(void **state) {
    (void)state;
    static const char *const secrets[] = {"测试", "1380000", "3301001990", "GE_a",   "ST-",    "debug_",
                                          "app_", "secret",  "BCDSGS",     "BCDSGA", "appkey", "已受理"};
    size_t size = 1u << 20;
    char *text = arena_alloc(&arena, size);
    FILE *f = fopen(log_path, "r");
    assert_true(text && f);
    size_t n = fread(text, 1, size - 1, f);
    fclose(f);
    assert_true(n > 0);
    text[n] = '\0';
    for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++) assert_null(strstr(text, secrets[i]));
    assert_non_null(strstr(text, "host_refuses_us"));
    assert_non_null(strstr(text, "Invalid signature"));
    assert_non_null(strstr(text, "OPF-B001-05-16-0009"));
}

/* ---- TLS ---- */

static void write_certificate(const char *cert_path, const char *key_path) {
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = X509_new();
    FILE *cert_file = fopen(cert_path, "w"), *key_file = fopen(key_path, "w");
    assert_true(key && cert && cert_file && key_file);
    X509_NAME *name = X509_get_subject_name(cert);
    ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
    X509_gmtime_adj(X509_getm_notBefore(cert), -3600);
    X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"localhost", -1, -1, 0);
    X509_set_issuer_name(cert, name);
    X509_set_pubkey(cert, key);
    assert_true(X509_sign(cert, key, EVP_sha256()) > 0);
    assert_true(PEM_write_X509(cert_file, cert) && PEM_write_PrivateKey(key_file, key, NULL, NULL, 0, NULL, NULL));
    fclose(cert_file);
    fclose(key_file);
    X509_free(cert);
    EVP_PKEY_free(key);
}

static void an_unknown_certificate_is_refused(void **state) {
    (void)state;
    struct standin tls;
    char folder[] = "/tmp/test_hosts_XXXXXX", cert[64], key[64], cert_option[] = "--cert", key_option[] = "--key";
    assert_non_null(mkdtemp(folder));
    snprintf(cert, sizeof cert, "%s/cert", folder);
    snprintf(key, sizeof key, "%s/key", folder);
    write_certificate(cert, key);
    char *const extra[] = {cert_option, cert, key_option, key, NULL};
    bool started = standin_start("standin_zlb.py", extra, &tls);
    struct http_request r = {
        .name = "tls", .url = tls.url, .connect_ms = 1000, .deadline_us = time_mono_us() + 2 * SECOND_US};
    struct http_answer answer;
    enum http_outcome outcome = started ? http_send(&client, &r, &arena, &answer) : HTTP__MAX;
    standin_stop(&tls);
    unlink(cert);
    unlink(key);
    rmdir(folder);
    assert_true(started);
    assert_int_equal(outcome, HTTP_NOT_SENT);
}

int main(void) {
    if (!standin_possible()) return SKIPPED;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(tickets_become_persons_once, fresh),
        cmocka_unit_test_setup(wrong_tickets_are_told_from_a_broken_host, fresh),
        cmocka_unit_test_setup(a_broken_gateway_is_a_host_failure, fresh),
        cmocka_unit_test_setup(our_wrong_keys_are_a_host_failure, fresh),
        cmocka_unit_test_setup(a_slow_gateway_is_given_up_in_time, fresh),
        cmocka_unit_test_setup(text_messages_are_sent, fresh),
        cmocka_unit_test_setup(codes_become_staff_once, fresh),
        cmocka_unit_test_setup(a_refused_token_is_got_again_once, fresh),
        cmocka_unit_test_setup(an_old_token_outlasts_a_failed_refresh, fresh),
        cmocka_unit_test_setup(a_broken_platform_is_a_host_failure, fresh),
        cmocka_unit_test_setup(threads_share_one_token, fresh),
        cmocka_unit_test_setup(the_directory_is_asked, fresh),
        cmocka_unit_test_setup(notices_keep_the_limits, fresh),
        cmocka_unit_test_setup(uncertain_notices_can_be_repeated, fresh),
        cmocka_unit_test_setup(exchanges_survive_lack_of_memory, fresh),
        cmocka_unit_test_setup(an_unknown_certificate_is_refused, fresh),
        cmocka_unit_test_setup(the_log_names_nobody, fresh),
    };
    return cmocka_run_group_tests_name("hosts_live", tests, start, stop);
}
