/* Host clients without network: signatures by the known vectors, and what answers of all kinds are taken for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/crypto.h"
#include "base/encode.h"
#include "base/log.h"
#include "hosts/answer.h"
#include "hosts/zlb.h"
#include "hosts/zzd.h"

#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

static struct arena arena;

static int start(void **state) {
    (void)state;
    log_open("/dev/null", LOG_ERROR);
    arena_init(&arena, 16u << 20);
    return crypto_init() ? 0 : -1;
}

static int stop(void **state) {
    (void)state;
    arena_free(&arena);
    return 0;
}

static int fresh(void **state) {
    (void)state;
    arena_reset(&arena);
    return 0;
}

static void assert_str(struct str s, const char *z) {
    assert_non_null(s.p);
    assert_int_equal(s.n, strlen(z));
    assert_memory_equal(s.p, z, s.n);
}

/* ---- Zheliban: signatures ---- */

#define ZLB_AK "BCDSGA_demo0001"
#define ZLB_SK "BCDSGS_demo0001"
#define ZLB_DATE "Sat, 01 Mar 2025 01:30:00 GMT"

static void the_gateway_signature_is_right(void **state) {
    (void)state;
    static const struct {
        const char *path, *query, *signature;
    } vectors[] = {
        {"/restapi/prod/IC33000020220329000007/uc/sso/access_token", "",
         "KgpCB81kjzJuEHYAV/qR1w+snJD0W7nC5Yw0ug5as3o="},
        {"/restapi/prod/IC33000020220228000002/sso/servlet/simpleauth", "",
         "SZl87B9O0uWf4krSpix47wqvBWPA7BUrsy2lI9zqq70="},
        {"/restapi/prod/IC33000020220322000001/rest/sop-sms/sms/post/Send",
         "MessageContent=%E5%B7%B2%E5%8F%97%E7%90%86&UserNumber=13800000000&f=1&signCode=",
         "ymgT9/xBPgWibcX2PdPxZie12Rrp1LqEXQhQ+NdEUAQ="},
    };
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        char out[ZLB_SIGNATURE_TEXT];
        struct zlb_signed s = {"POST", vectors[i].path, vectors[i].query, ZLB_AK, ZLB_SK, ZLB_DATE};
        assert_true(zlb_gateway_signature(&s, &arena, out));
        assert_string_equal(out, vectors[i].signature);
    }
}

/* The known wrong signature comes from the same text without its last line break, which is the only difference. */
static void the_last_line_break_is_signed(void **state) {
    (void)state;
    char ours[ZLB_SIGNATURE_TEXT], without[ZLB_SIGNATURE_TEXT];
    uint8_t mac[32];
    struct zlb_signed s = {"POST",  "/restapi/prod/IC33000020220329000007/uc/sso/access_token", "", ZLB_AK, ZLB_SK,
                           ZLB_DATE};
    const char *text = arena_printf(&arena, "%s\n%s\n%s\n%s\n%s", s.method, s.path, s.query, s.access_key, s.date);
    assert_non_null(text);
    assert_true(hmac_sha256(STR(ZLB_SK), str_of(text), mac));
    base64_encode(mac, sizeof mac, without);
    assert_string_equal(without, "dZ7WjZa40XdE1wPqYh7fuJifprm5wLPuQviK1Fi2K/g=");
    assert_true(zlb_gateway_signature(&s, &arena, ours));
    assert_string_not_equal(ours, without);
}

static void the_md5_sign_is_right(void **state) {
    (void)state;
    char out[ZLB_MD5_TEXT];
    assert_true(zlb_sign_md5(ZLB_AK, ZLB_SK, "20250301093000", &arena, out));
    assert_string_equal(out, "1b01f919b02cb5f97b1516704f41ff28");
}

static void signing_without_memory_fails_cleanly(void **state) {
    (void)state;
    struct arena none;
    char out[ZLB_SIGNATURE_TEXT];
    struct zlb_signed s = {"POST", "/p", "", ZLB_AK, ZLB_SK, ZLB_DATE};
    struct zzd_param param = {STR("a"), STR("b")};
    struct zzd_signed z = {"GET", "t", "n", "/p", &param, 1};
    arena_init(&none, 1);
    assert_false(zlb_gateway_signature(&s, &none, out));
    assert_false(zlb_sign_md5(ZLB_AK, ZLB_SK, "20250301093000", &none, out));
    assert_false(zzd_sign(&z, "secret", ZZD_HMAC_SHA256, &none, out));
    arena_free(&none);
}

/* ---- Zheliban: answers ---- */

static void tickets_are_read(void **state) {
    (void)state;
    static const struct {
        const char *text;
        enum rc rc;
    } answers[] = {
        {"{\"result\":\"0\",\"errmsg\":\"成功\",\"token\":\"t-1\",\"userid\":\"u1\"}", RC_OK},
        {"{\"result\":0,\"token\":\"t-1\"}", RC_OK},
        {"{\"result\":\"6001\",\"errmsg\":\"x\"}", RC_BAD_TICKET},
        {"{\"result\":6002}", RC_BAD_TICKET},
        {"{\"result\":\"6003\"}", RC_BAD_TICKET},
        {"{\"result\":\"6004\"}", RC_BAD_TICKET},
        {"{\"result\":\"6099\"}", RC_HOST_APP},
        {"{\"result\":\"9901\"}", RC_HOST_APP},
        {"{\"result\":\"0\"}", RC_HOST_APP},
        {"{\"result\":\"0\",\"token\":\"\"}", RC_HOST_APP},
        {"{\"result\":\"0\",\"token\":{\"a\":1}}", RC_HOST_APP},
        {"{\"result\":\"0\",\"token\":\"a\\nb\\u0007\"}", RC_HOST_APP},
        {"{\"result\":null,\"token\":\"t\"}", RC_HOST_APP},
        {"{\"result\":true,\"token\":\"t\"}", RC_HOST_APP},
        {"{\"token\":\"t\"}", RC_HOST_APP},
        {"[{\"result\":\"0\",\"token\":\"t\"}]", RC_HOST_APP},
        {"<response><result>0</result></response>", RC_HOST_APP},
        {"{\"result\":\"0\",\"token\":\"t-1\"", RC_HOST_APP},
        {"\"0\"", RC_HOST_APP},
        {"", RC_HOST_APP},
    };
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        struct str token = {0};
        assert_int_equal(zlb_read_ticket(str_of(answers[i].text), &arena, &token), answers[i].rc);
        if (answers[i].rc == RC_OK) assert_str(token, "t-1");
    }
}

static void users_are_read(void **state) {
    (void)state;
    struct zlb_person p;
    assert_int_equal(
        zlb_read_user(
            STR("{\"result\":\"0\",\"userid\":\"u1\",\"username\":\" 测试甲 \",\"authlevel\":\"3\",\"idtype\":\"1\","
                "\"idnum\":\"33010019900101001x\",\"mobile\":\"13800000000\",\"sex\":\"1\"}"),
            &arena, &p),
        RC_OK);
    assert_int_equal(p.source, ZLB_SOURCE_SIMPLEAUTH);
    assert_str(p.user_id, "u1");
    assert_str(p.name, "测试甲");
    assert_str(p.phone, "13800000000");
    assert_str(p.id_number, "33010019900101001X");
    assert_int_equal(p.id_type, ZLB_ID_CARD);
    assert_int_equal(p.auth_level, 3);
    assert_false(p.is_legal_person);
    /* Numbers for texts, and another document. */
    assert_int_equal(
        zlb_read_user(
            STR("{\"result\":0,\"userid\":12345,\"authlevel\":2,\"idtype\":2,\"idnum\":\"\",\"passport\":\"e1234\"}"),
            &arena, &p),
        RC_OK);
    assert_str(p.user_id, "12345");
    assert_int_equal(p.auth_level, 2);
    assert_int_equal(p.id_type, ZLB_ID_PASSPORT);
    assert_str(p.id_number, "E1234");
    assert_null(p.name.p);
    assert_null(p.phone.p);
}

static void odd_users_are_held_small(void **state) {
    (void)state;
    struct zlb_person p;
    struct buf b;
    assert_int_equal(
        zlb_read_user(
            STR("{\"result\":\"0\",\"userid\":\"u\",\"authlevel\":\"9\",\"idtype\":\"77\",\"mobile\":\"1\\u0000\"}"),
            &arena, &p),
        RC_HOST_APP); /* a NUL is no text */
    assert_int_equal(
        zlb_read_user(STR("{\"result\":\"0\",\"userid\":\"u\",\"authlevel\":\"9\",\"idtype\":\"77\",\"idnum\":\"A1\"}"),
                      &arena, &p),
        RC_OK);
    assert_int_equal(p.auth_level, 1);
    assert_int_equal(p.id_type, ZLB_ID_OTHER);
    buf_init(&b, &arena, 100000);
    buf_add_z(&b, "{\"result\":\"0\",\"userid\":\"u\",\"username\":\"");
    for (int i = 0; i < 2000; i++) buf_add_z(&b, "名");
    buf_add_z(&b, "\",\"mobile\":\"");
    for (int i = 0; i < 2000; i++) buf_add_z(&b, "1");
    buf_add_z(&b, "\"}");
    assert_int_equal(zlb_read_user(buf_str(&b), &arena, &p), RC_OK);
    assert_int_equal(p.name.n, 60 * 3);
    assert_null(p.phone.p);
    buf_init(&b, &arena, 1000);
    buf_add_z(&b, "{\"result\":\"0\",\"userid\":\"");
    for (int i = 0; i < 65; i++) buf_add_z(&b, "u");
    buf_add_z(&b, "\"}");
    assert_int_equal(zlb_read_user(buf_str(&b), &arena, &p), RC_HOST_APP);
    static const char *const bad[] = {"{\"result\":\"0\"}", "{\"result\":\"0\",\"userid\":null}", "{}", "garbage", ""};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(zlb_read_user(str_of(bad[i]), &arena, &p), RC_HOST_APP);
    assert_int_equal(zlb_read_user(STR("{\"result\":\"6501\"}"), &arena, &p), RC_BAD_TICKET);
    assert_int_equal(zlb_read_user(STR("{\"result\":6503}"), &arena, &p), RC_HOST_APP);
}

static void sso_tokens_are_read(void **state) {
    (void)state;
    static const struct {
        const char *text;
        enum rc rc;
    } answers[] = {
        {"{\"success\":true,\"errorCode\":null,\"errorMsg\":null,\"data\":{\"accessToken\":\"debug_at_1\"}}", RC_OK},
        {"{\"success\":\"true\",\"data\":{\"accessToken\":\"debug_at_1\"}}", RC_OK},
        {"{\"success\":false,\"errorCode\":\"C-USER-SSO-TICKET-INVALID\",\"data\":null}", RC_BAD_TICKET},
        {"{\"success\":false,\"errorCode\":\"C-USER-SSO-TOKEN-INVALID\"}", RC_BAD_TICKET},
        {"{\"success\":false,\"errorCode\":\"C-USER-SSO-USER-EMPTY\"}", RC_HOST_APP},
        {"{\"success\":false}", RC_HOST_APP},
        {"{\"success\":true,\"data\":null}", RC_HOST_APP},
        {"{\"success\":true,\"data\":\"debug_at_1\"}", RC_HOST_APP},
        {"{\"success\":true}", RC_HOST_APP},
        {"{\"data\":{\"accessToken\":\"debug_at_1\"}}", RC_HOST_APP},
        {"<html>", RC_HOST_APP},
    };
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        struct str token = {0};
        assert_int_equal(zlb_read_sso_token(str_of(answers[i].text), &arena, &token), answers[i].rc);
        if (answers[i].rc == RC_OK) assert_str(token, "debug_at_1");
    }
}

static void sso_users_are_read(void **state) {
    (void)state;
    struct zlb_person p;
    assert_int_equal(zlb_read_sso_user(STR("{\"success\":true,\"data\":{\"userType\":\"PERSON\",\"personInfo\":{"
                                           "\"userId\":\"s1\",\"userName\":\"测试乙\","
                                           "\"idType\":\"ID_CARD\",\"idNo\":\"330100199001010011\",\"phone\":"
                                           "\"13800000001\"},\"legalPersonInfo\":null}}"),
                                       &arena, &p),
                     RC_OK);
    assert_int_equal(p.source, ZLB_SOURCE_SSO);
    assert_str(p.user_id, "s1");
    assert_str(p.id_number, "330100199001010011");
    assert_int_equal(p.id_type, ZLB_ID_CARD);
    assert_int_equal(p.auth_level, 2);
    assert_int_equal(zlb_read_sso_user(STR("{\"success\":true,\"data\":{\"userType\":\"PERSON\",\"personInfo\":{"
                                           "\"userId\":\"s1\",\"idNo\":\"\"}}}"),
                                       &arena, &p),
                     RC_OK);
    assert_int_equal(p.auth_level, 1);
    assert_null(p.id_number.p);
    assert_int_equal(
        zlb_read_sso_user(STR("{\"success\":true,\"data\":{\"userType\":\"PERSON\",\"personInfo\":null}}"), &arena, &p),
        RC_HOST_APP);
    assert_int_equal(zlb_read_sso_user(STR("{\"success\":true,\"data\":{}}"), &arena, &p), RC_HOST_APP);
}

/* What a company wrote about its agent must not lead into the agent's own account. */
static void a_company_is_not_its_agent(void **state) {
    (void)state;
    struct zlb_person p;
    assert_int_equal(zlb_read_sso_user(STR("{\"success\":true,\"data\":{\"userType\":\"LEGAL_PERSON\",\"personInfo\":{"
                                           "\"userId\":\"s1\",\"idNo\":\"1\"},"
                                           "\"legalPersonInfo\":{\"corpId\":\"c1\",\"name\":\"测试公司\","
                                           "\"unifiedSocialId\":\"91330000\",\"attnIdNo\":\"330100199001010011\","
                                           "\"attnPhone\":\"13800000001\"}}}"),
                                       &arena, &p),
                     RC_OK);
    assert_true(p.is_legal_person);
    assert_int_equal(p.source, ZLB_SOURCE_SSO_LEGAL);
    assert_str(p.user_id, "c1");
    assert_str(p.name, "测试公司");
    assert_null(p.phone.p);
    assert_null(p.id_number.p);
}

/* ---- Zhezhengding: signatures ---- */

#define ZZD_AK "minhu-demo-appkey"
#define ZZD_SK "minhu-demo-secret-0001"
#define PARAM(name, value) \
    { STR(name), STR(value) }

static const struct zzd_param token_params[] = {PARAM("appsecret", ZZD_SK), PARAM("appkey", ZZD_AK)};
static const struct zzd_param user_params[] = {PARAM("auth_code", "demo-code-01"), PARAM("empty", ""),
                                               PARAM("access_token", "app_demo0001")};
static const struct zzd_param notice_params[] = {
    PARAM("tenantId", "100"), PARAM("receiverIds", "1001,1002"), PARAM("bizMsgId", "MH-1"),
    PARAM("msg", "{\"msgtype\":\"text\",\"text\":{\"content\":\"工单 A+1 已受理\"}}")};
static const struct zzd_param code_params[] = {PARAM("tenantId", "100"), PARAM("employeeCodes", "GE_b"),
                                               PARAM("employeeCodes", "GE_a")};
static const struct zzd_param empty_params[] = {PARAM("appkey", "")};

static void the_platform_signature_is_right(void **state) {
    (void)state;
#define LIST(list) list, sizeof list / sizeof list[0]
    static const struct {
        const char *method, *path;
        const struct zzd_param *params;
        size_t n;
        enum zzd_algorithm algorithm;
        const char *signature;
    } vectors[] = {
        {"GET", "/gettoken.json", LIST(token_params), ZZD_HMAC_SHA256, "G6NeRnSycEjICUUONbPWQlirxKCI8BXBV/UuFmPycrA="},
        {"GET", "/gettoken.json", NULL, 0, ZZD_HMAC_SHA256, "WIxxLN+Mt5bIIpShPIj98Bh1CJDpU7I4+AHCbci33D4="},
        {"GET", "/gettoken.json", LIST(empty_params), ZZD_HMAC_SHA256, "WIxxLN+Mt5bIIpShPIj98Bh1CJDpU7I4+AHCbci33D4="},
        {"POST", "/rpc/oauth2/dingtalk_app_user.json", LIST(user_params), ZZD_HMAC_SHA256,
         "F/Ezd7W4an7DdE653jfP+k5TBu4P7EzlKWiB+LiSmcg="},
        {"POST", "/message/workNotification", LIST(notice_params), ZZD_HMAC_SHA256,
         "DC1T8iaRO0rhiHC7sAwbVX8dhG33+mSNVw6aBvFVmmE="},
        {"POST", "/mozi/employee/listEmployeeAccountIds", LIST(code_params), ZZD_HMAC_SHA256,
         "wnm+QoHIW6QKrMkO53cQADEWdyScBVt5hY3FHsPf3HI="},
        {"GET", "/gettoken.json", LIST(token_params), ZZD_MD5, "b8a036f0bc426a55a7395e8d67075799"},
    };
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        char out[ZZD_SIGNATURE_TEXT];
        struct zzd_signed s = {vectors[i].method,   "2025-03-01T09:30:00.123+08:00",
                               "17407926001234567", vectors[i].path,
                               vectors[i].params,   vectors[i].n};
        assert_true(zzd_sign(&s, ZZD_SK, vectors[i].algorithm, &arena, out));
        assert_string_equal(out, vectors[i].signature);
    }
}

/* ---- Zhezhengding: answers ---- */

#define GOOD_USER \
    "{\"success\":true,\"content\":{\"success\":true,\"data\":{\"account\":\"demo01\",\"accountId\":1001," \
    "\"employeeCode\":\"GE_demo0001\"," \
    "\"lastName\":\"测试甲\",\"realmId\":100,\"tenantUserId\":\"100$1001\"},\"responseMessage\":\"成功\"," \
    "\"responseCode\":\"0\"," \
    "\"bizErrorCode\":\"0\"},\"bizErrorCode\":\"0\"}"

static void envelopes_are_told_apart(void **state) {
    (void)state;
    static const struct {
        const char *text;
        enum zzd_answer_kind kind;
        enum rc rc;
    } answers[] = {
        {GOOD_USER, ZZD_GOOD, RC_OK},
        {"{\"success\":true,\"content\":{\"data\":{\"a\":1}}}", ZZD_GOOD, RC_OK},
        {"{\"success\":true,\"content\":{\"success\":true}}", ZZD_GOOD, RC_OK},
        {"{\"success\":\"true\",\"content\":{\"success\":\"true\",\"data\":[]}}", ZZD_GOOD, RC_OK},
        {"{\"success\":true,\"content\":{\"data\":null,\"responseCode\":\"240111\"}}", ZZD_FAILED, RC_BAD_TICKET},
        {"{\"success\":true,\"content\":{}}", ZZD_FAILED, RC_HOST_APP},
        {"{\"success\":true,\"content\":{\"success\":false,\"responseCode\":\"240111\",\"responseMessage\":\"x\"}}",
         ZZD_FAILED, RC_BAD_TICKET},
        {"{\"success\":true,\"content\":{\"success\":false,\"responseCode\":240111}}", ZZD_FAILED, RC_BAD_TICKET},
        {"{\"success\":true,\"content\":{\"success\":false,\"responseCode\":\"0\",\"bizErrorCode\":\"240133\"}}",
         ZZD_FAILED, RC_BAD_TOKEN},
        {"{\"success\":true,\"content\":{\"success\":false,\"responseCode\":\"250027\",\"data\":{\"accountId\":1}}}",
         ZZD_FAILED, RC_BAD_TOKEN},
        {"{\"success\":true,\"content\":{\"success\":false,\"responseCode\":\"999\"}}", ZZD_FAILED, RC_HOST_APP},
        {"{\"_RequestId\":\"r\",\"HostId\":\"h\",\"Code\":\"OPF-B001-05-16-0009\",\"Message\":\"m\",\"bizErrorCode\":"
         "\"x\",\"success\":false}",
         ZZD_REFUSED, RC_HOST_APP},
        {"{\"success\":false}", ZZD_REFUSED, RC_HOST_APP},
        {"{\"success\":false,\"bizErrorCode\":\"240111\"}", ZZD_REFUSED, RC_BAD_TICKET},
        {"{\"success\":true}", ZZD_NONSENSE, RC_HOST_APP},
        {"{\"success\":true,\"content\":\"x\"}", ZZD_NONSENSE, RC_HOST_APP},
        {"{\"content\":{\"success\":true,\"data\":{}}}", ZZD_NONSENSE, RC_HOST_APP},
        {"[]", ZZD_NONSENSE, RC_HOST_APP},
        {"<html><body>", ZZD_NONSENSE, RC_HOST_APP},
        {"{\"success\":true,\"content\":{\"success\":true,\"data\":{}}", ZZD_NONSENSE, RC_HOST_APP},
        {"", ZZD_NONSENSE, RC_HOST_APP},
    };
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        struct zzd_answer answer = zzd_read_answer(str_of(answers[i].text), &arena);
        assert_int_equal(answer.kind, answers[i].kind);
        assert_int_equal(zzd_answer_rc("test", &answer), answers[i].rc);
        if (answer.kind != ZZD_GOOD) assert_null(answer.data);
    }
}

static void staff_persons_are_read(void **state) {
    (void)state;
    struct zzd_person p;
    struct zzd_answer answer = zzd_read_answer(STR(GOOD_USER), &arena);
    assert_int_equal(zzd_read_person(answer.data, &p), RC_OK);
    assert_true(p.realm_id == 100 && p.account_id == 1001);
    assert_str(p.employee_code, "GE_demo0001");
    assert_str(p.name, "测试甲");
    assert_str(p.account, "demo01");
    static const struct {
        const char *text;
        int64_t realm, account; /* 0: refused */
    } persons[] = {
        {"{\"realmId\":\"100\",\"accountId\":\"9007199254740993\",\"nickNameCn\":\"乙\"}", 100,
         INT64_C(9007199254740993)},
        {"{\"realmId\":196729,\"accountId\":9223372036854775807}", 196729, INT64_MAX},
        {"{\"tenantUserId\":\"196729$77\"}", 196729, 77},
        {"{\"tenantUserId\":\"196729$\",\"accountId\":5}", 196729, 5},
        {"{\"realmId\":100,\"accountId\":9223372036854775808}", 0, 0},
        {"{\"realmId\":100,\"accountId\":1.5}", 0, 0},
        {"{\"realmId\":100,\"accountId\":1e3}", 0, 0},
        {"{\"realmId\":100,\"accountId\":-1}", 0, 0},
        {"{\"realmId\":100,\"accountId\":0}", 0, 0},
        {"{\"realmId\":100}", 0, 0},
        {"{\"accountId\":1}", 0, 0},
        {"{\"realmId\":[1],\"accountId\":{}}", 0, 0},
        {"{\"tenantUserId\":\"$\"}", 0, 0},
        {"{}", 0, 0},
    };
    for (size_t i = 0; i < sizeof persons / sizeof persons[0]; i++) {
        enum rc rc = zzd_read_person(answer_parse(str_of(persons[i].text), &arena), &p);
        assert_int_equal(rc, persons[i].account ? RC_OK : RC_HOST_APP);
        if (rc == RC_OK) assert_true(p.realm_id == persons[i].realm && p.account_id == persons[i].account);
        if (rc != RC_OK) assert_true(p.realm_id == 0 && p.account_id == 0);
        assert_null(p.employee_code.p);
    }
    assert_int_equal(zzd_read_person(NULL, &p), RC_HOST_APP);
}

static void directory_entries_are_read(void **state) {
    (void)state;
    struct zzd_contact *found;
    size_t n;
    struct zzd_answer answer = zzd_read_answer(
        STR("{\"success\":true,\"content\":{\"success\":true,\"data\":[{\"accountId\":1001,\"mobile\":\"13800000000\","
            "\"employeeCode\":\"GE_a\"},"
            "{\"mobile\":\"13800000001\"},7,null,{\"accountId\":\"1003\",\"employeeCode\":\"GE_c\"}]}}"),
        &arena);
    assert_int_equal(zzd_read_contacts(answer.data, &arena, &found, &n), RC_OK);
    assert_int_equal(n, 2);
    assert_str(found[0].mobile, "13800000000");
    assert_true(found[1].account_id == 1003);
    assert_str(found[1].employee_code, "GE_c");
    assert_null(found[1].mobile.p);
    assert_int_equal(zzd_read_contacts(NULL, &arena, &found, &n), RC_OK);
    assert_int_equal(n, 0);
    assert_int_equal(zzd_read_contacts(answer_parse(STR("{\"a\":1}"), &arena), &arena, &found, &n), RC_HOST_APP);
}

static void notices_answers_are_told_apart(void **state) {
    (void)state;
    static const struct {
        int status;
        const char *text;
        enum zzd_notice notice;
    } answers[] = {
        {200, "{\"success\":true,\"content\":{\"msgId\":\"5ab1\"}}", ZZD_NOTICE_SENT},
        {200, "{\"success\":true,\"content\":\"5ab1\"}", ZZD_NOTICE_SENT},
        {200, "{\"success\":true,\"content\":{\"success\":true,\"data\":{\"msgId\":\"1\"}}}", ZZD_NOTICE_SENT},
        {200,
         "{\"success\":true,\"content\":{\"success\":false,\"responseCode\":\"1\",\"responseMessage\":\"bizMsgId "
         "重复\"}}",
         ZZD_NOTICE_DUPLICATE},
        {200, "{\"success\":true,\"content\":{\"success\":false,\"responseCode\":\"DUPLICATE_BIZ_ID\"}}",
         ZZD_NOTICE_DUPLICATE},
        {200,
         "{\"success\":true,\"content\":{\"success\":false,\"responseCode\":\"1\",\"responseMessage\":\"超过每日上限\"}"
         "}",
         ZZD_NOTICE_LIMIT},
        {200,
         "{\"success\":true,\"content\":{\"success\":false,\"responseCode\":\"1\",\"responseMessage\":\"Rate Limit\"}}",
         ZZD_NOTICE_LIMIT},
        {200, "{\"success\":true,\"content\":{\"success\":false,\"msgId\":\"5ab1\",\"responseMessage\":\"no\"}}",
         ZZD_NOTICE_REFUSED},
        {200, "{\"success\":true,\"content\":{\"success\":false,\"responseCode\":\"1\"}}", ZZD_NOTICE_REFUSED},
        {200, "{\"success\":false,\"Code\":\"OPF-B001-05-16-0009\",\"Message\":\"signature\"}", ZZD_NOTICE_REFUSED},
        {401, "{\"success\":false,\"Code\":\"x\",\"Message\":\"Clock skew exceeded\"}", ZZD_NOTICE_REFUSED},
        {200, "{\"success\":true,\"content\":{}}", ZZD_NOTICE_UNCERTAIN},
        {200, "{\"success\":true,\"content\":null}", ZZD_NOTICE_UNCERTAIN},
        {200, "{\"success\":true}", ZZD_NOTICE_UNCERTAIN},
        {200, "<html>", ZZD_NOTICE_UNCERTAIN},
        {200, "", ZZD_NOTICE_UNCERTAIN},
        {203, "{\"success\":true,\"content\":{\"msgId\":\"5ab1\"}}", ZZD_NOTICE_UNCERTAIN},
        {502, "<html>", ZZD_NOTICE_UNCERTAIN},
        {500, "{\"success\":true,\"content\":{\"msgId\":\"5ab1\"}}", ZZD_NOTICE_UNCERTAIN},
        {404, "<html>", ZZD_NOTICE_REFUSED},
    };
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++)
        assert_int_equal(zzd_read_notice(answers[i].status, str_of(answers[i].text), &arena), answers[i].notice);
}

/* ---- hostile answers and arguments ---- */

static void deep_and_broken_answers_are_refused(void **state) {
    (void)state;
    struct zlb_person p;
    struct str token;
    char *deep = arena_alloc(&arena, 200001);
    assert_non_null(deep);
    memset(deep, '[', 200000);
    assert_int_equal(zlb_read_user((struct str){deep, 200000}, &arena, &p), RC_HOST_APP);
    assert_int_equal(zzd_read_answer((struct str){deep, 200000}, &arena).kind, ZZD_NONSENSE);
    static const char bad_utf8[] = "{\"result\":\"0\",\"token\":\"\xc0\xaf\"}";
    assert_int_equal(zlb_read_ticket(str_of(bad_utf8), &arena, &token), RC_HOST_APP);
    static const char nul[] = "{\"result\":\"0\",\0\"token\":\"t\"}";
    assert_int_equal(zlb_read_ticket((struct str){nul, sizeof nul - 1}, &arena, &token), RC_HOST_APP);
    /* Every beginning of a good answer is no answer. */
    for (size_t n = 0; n < sizeof GOOD_USER - 1; n++)
        assert_int_equal(zzd_read_answer((struct str){GOOD_USER, n}, &arena).kind, ZZD_NONSENSE);
    assert_string_equal(answer_code(str_of("a\nb 13800000000\"")).z, "a?b?13800000000?");
}

/* Nothing leaves for arguments that can't be right: the client has no handle, and would say so. */
static void wrong_arguments_are_refused_before_sending(void **state) {
    (void)state;
    struct http_client none = {NULL};
    struct zlb_config zlb = {
        .gateway = "http://127.0.0.1:1", .access_key = "a", .secret_key = "s", .connect_ms = 10, .total_ms = 10};
    struct zzd_config zzd = {.host = "http://127.0.0.1:1",
                             .app_key = "a",
                             .app_secret = "s",
                             .tenant_id = "1",
                             .connect_ms = 10,
                             .total_ms = 10};
    struct zzd_tokens tokens;
    struct zlb_person resident;
    struct zzd_person staff;
    struct zzd_contact *found;
    size_t n;
    static char long_text[ZZD_MSG_MAX + 2];
    memset(long_text, 'x', sizeof long_text - 1);
    assert_true(zzd_tokens_init(&tokens));
    const struct str bad_codes[] = {{NULL, 0}, STR(""), {long_text, 513}, STR("a\x01"), STR("\xff")};
    for (size_t i = 0; i < sizeof bad_codes / sizeof bad_codes[0]; i++) {
        assert_int_equal(zlb_exchange_ticket(&none, &zlb, ZLB_APP, bad_codes[i], &arena, &resident), RC_BAD_TICKET);
        assert_int_equal(zzd_exchange_code(&none, &zzd, &tokens, ZZD_CLIENT, bad_codes[i], &arena, &staff),
                         RC_BAD_TICKET);
    }
    assert_int_equal(zlb_exchange_ticket(&none, &zlb, ZLB_CHANNEL__MAX, STR("t"), &arena, &resident), RC_INTERNAL);
    assert_int_equal(zzd_exchange_code(&none, &zzd, &tokens, ZZD_WAY__MAX, STR("t"), &arena, &staff), RC_INTERNAL);
    assert_int_equal(zlb_send_sms(&none, &zlb, STR("1380000000a"), STR("x"), &arena), RC_INVALID);
    assert_int_equal(zlb_send_sms(&none, &zlb, STR("13800000000"), STR(""), &arena), RC_INVALID);
    struct str mobiles[ZZD_MOBILES_MAX + 1];
    for (size_t i = 0; i < sizeof mobiles / sizeof mobiles[0]; i++) mobiles[i] = STR("13800000000");
    assert_int_equal(zzd_find_by_mobiles(&none, &zzd, mobiles, 0, &arena, &found, &n), RC_INVALID);
    assert_int_equal(zzd_find_by_mobiles(&none, &zzd, mobiles, ZZD_MOBILES_MAX + 1, &arena, &found, &n), RC_INVALID);
    mobiles[1] = STR("1,2,3,4,5,6");
    assert_int_equal(zzd_find_by_mobiles(&none, &zzd, mobiles, 2, &arena, &found, &n), RC_INVALID);
    assert_int_equal(zzd_account_ids_by_codes(&none, &zzd, mobiles, 0, &arena, &found, &n), RC_INVALID);
    assert_int_equal(zzd_account_ids_by_codes(&none, &zzd, mobiles, ZZD_CODES_MAX + 1, &arena, &found, &n), RC_INVALID);
    const int64_t one[] = {1001}, wrong[] = {1001, 0};
    const struct str msg = STR("{\"msgtype\":\"text\",\"text\":{\"content\":\"x\"}}");
    assert_int_equal(zzd_send_work_notice(&none, &zzd, one, 0, STR("b"), msg, &arena), ZZD_NOTICE_INVALID);
    assert_int_equal(zzd_send_work_notice(&none, &zzd, one, ZZD_RECEIVERS_MAX + 1, STR("b"), msg, &arena),
                     ZZD_NOTICE_INVALID);
    assert_int_equal(zzd_send_work_notice(&none, &zzd, wrong, 2, STR("b"), msg, &arena), ZZD_NOTICE_INVALID);
    assert_int_equal(zzd_send_work_notice(&none, &zzd, one, 1, STR(""), msg, &arena), ZZD_NOTICE_INVALID);
    assert_int_equal(zzd_send_work_notice(&none, &zzd, one, 1, STR("b b"), msg, &arena), ZZD_NOTICE_INVALID);
    assert_int_equal(
        zzd_send_work_notice(&none, &zzd, one, 1, STR("b"), (struct str){long_text, ZZD_MSG_MAX + 1}, &arena),
        ZZD_NOTICE_INVALID);
    assert_int_equal(zzd_send_work_notice(&none, &zzd, one, 1, STR("b"), (struct str){long_text, ZZD_MSG_MAX}, &arena),
                     ZZD_NOTICE_NOT_SENT);
    zzd_tokens_end(&tokens);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_gateway_signature_is_right, fresh),
        cmocka_unit_test_setup(the_last_line_break_is_signed, fresh),
        cmocka_unit_test_setup(the_md5_sign_is_right, fresh),
        cmocka_unit_test_setup(signing_without_memory_fails_cleanly, fresh),
        cmocka_unit_test_setup(tickets_are_read, fresh),
        cmocka_unit_test_setup(users_are_read, fresh),
        cmocka_unit_test_setup(odd_users_are_held_small, fresh),
        cmocka_unit_test_setup(sso_tokens_are_read, fresh),
        cmocka_unit_test_setup(sso_users_are_read, fresh),
        cmocka_unit_test_setup(a_company_is_not_its_agent, fresh),
        cmocka_unit_test_setup(the_platform_signature_is_right, fresh),
        cmocka_unit_test_setup(envelopes_are_told_apart, fresh),
        cmocka_unit_test_setup(staff_persons_are_read, fresh),
        cmocka_unit_test_setup(directory_entries_are_read, fresh),
        cmocka_unit_test_setup(notices_answers_are_told_apart, fresh),
        cmocka_unit_test_setup(deep_and_broken_answers_are_refused, fresh),
        cmocka_unit_test_setup(wrong_arguments_are_refused_before_sending, fresh),
    };
    return cmocka_run_group_tests_name("hosts", tests, start, stop);
}
