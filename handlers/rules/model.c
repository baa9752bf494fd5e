/* The vocabularies: wire codes with their Chinese and English names. */
#include "rules/model.h"

const struct word tag_kind_words[TAG__MAX] = {
    {"", "", ""},
    {"compound", "小区", "Compound"},
    {"lift", "电梯", "Lift"},
    {"lamp", "路灯", "Street lamp"},
    {"deputy", "代表委员", "Deputy"},
    {"other", "其他", "Other"},
};

const struct word tier_words[TIER__MAX] = {
    {"", "", ""},
    {"compound", "小区/网格", "Compound"},
    {"village", "村社", "Village or community"},
    {"town", "镇街", "Town or street"},
    {"district", "区级", "District"},
};

const struct word unit_kind_words[UNIT__MAX] = {
    {"", "", ""},
    {"government", "区政府", "Government"},
    {"department", "部门", "Department"},
    {"town", "镇街", "Town or street"},
    {"village", "村社", "Village or community"},
    {"compound", "小区（物业）", "Compound (property office)"},
    {"enterprise", "企业", "Enterprise"},
    {"merchant", "个体工商户", "Merchant"},
    {"social_organisation", "社会组织", "Social organisation"},
    {"volunteer_team", "志愿队伍", "Volunteer team"},
    {"party_organisation", "党组织", "Party organisation"},
    {"owners_committee", "业委会", "Owners' committee"},
    {"residents_delegates", "居民代表", "Residents' delegates"},
};

const struct word channel_words[CHANNEL__MAX] = {
    {"", "", ""},
    {"zlb", "浙里办", "Zheliban"},
    {"grid", "网格", "Grid worker"},
    {"hotline_12345", "12345 热线", "Hotline 12345"},
    {"npc_bridge", "联名桥", "Deputies' bridge"},
    {"cppcc", "数字政协", "Digital CPPCC"},
    {"party_delegate", "党代表", "Party delegate"},
    {"property", "智慧物业", "Smart property"},
    {"housekeeping", "安心家政", "Housekeeping"},
    {"civil_affairs", "智慧民政", "Civil affairs"},
    {"petition", "信访", "Petition"},
    {"public_opinion", "舆情", "Public opinion"},
    {"visit", "昼访夜谈", "Visit"},
};

const struct word kind_words[KIND__MAX] = {
    {"", "", ""},
    {"ask", "咨询", "Question"},
    {"help", "求助", "Request for help"},
    {"complain", "投诉", "Complaint"},
    {"report", "举报", "Report"},
    {"suggest", "建议", "Suggestion"},
    {"praise", "表扬", "Praise"},
};

const struct word state_words[STATE__MAX] = {
    {"", "", ""},
    {"submitted", "待受理", "Waiting to be accepted"},
    {"accepted", "已受理", "Accepted"},
    {"processing", "办理中", "Being handled"},
    {"resolved", "已办结，待评价", "Resolved, waiting for a rating"},
    {"closed", "已结案", "Closed"},
    {"withdrawn", "已撤回", "Withdrawn"},
    {"rejected", "不予受理", "Rejected"},
    {"merged", "已并案", "Merged"},
};

const struct word action_words[ACT__MAX] = {
    {"", "", ""},
    {"submit", "提交诉求", "Submitted"},
    {"accept", "受理", "Accepted"},
    {"reject", "不予受理", "Rejected"},
    {"assign", "指派", "Assigned"},
    {"take_back", "收回", "Taken back"},
    {"classify", "调整分类或地点", "Category or place set"},
    {"transfer", "转派", "Transferred"},
    {"delegate", "交办", "Delegated"},
    {"return", "退单", "Returned"},
    {"escalate", "上报", "Escalated"},
    {"resolve", "办结", "Resolved"},
    {"rate", "评价", "Rated"},
    {"reopen", "重办", "Reopened"},
    {"withdraw", "撤回", "Withdrawn"},
    {"supplement", "补充说明", "Supplemented"},
    {"urge", "催办", "Urged"},
    {"note", "内部备注", "Internal note"},
    {"progress", "办理进展", "Progress"},
    {"contact", "联系记录", "Contact attempt"},
    {"unmask", "查看联系方式", "Contact looked at"},
    {"step_out", "超时逐级上报", "Step clock ran out"},
    {"supervise", "督办", "Supervised"},
    {"overdue", "超期", "Overdue"},
    {"close", "到期结案", "Closed without a rating"},
    {"release", "退回单位待办箱", "Back in the unit's box"},
    {"reclock", "重新计算时限", "Due times recomputed"},
    {"ask_resident", "问询居民", "The resident is asked"},
    {"answer", "答复问询", "Answered"},
    {"remind", "提醒答复", "Reminded of the question"},
    {"resume", "恢复计时", "The clocks run again"},
    {"merge", "并案", "Follows another matter"},
    {"unmerge", "取消并案", "On its own again"},
    {"joined", "又有人反映", "Others report the same"},
    {"cohandle", "邀请协办", "Called in to handle a part"},
    {"part_done", "协办完成", "A part is done"},
    {"part_refuse", "协办不予办理", "A part is refused"},
    {"part_waive", "免除协办", "A part is waived"},
    {"part_assign", "指派协办", "A part is assigned"},
    {"request_extension", "申请延期", "An extension is asked for"},
    {"extend", "批准延期", "Extended"},
    {"request_suspension", "申请中止", "A suspension is asked for"},
    {"suspend", "中止办理", "Suspended"},
    {"continue", "恢复办理", "Taken up again"},
    {"refuse", "不予批准", "Refused"},
    {"lapse", "申请失效", "The request lapsed"},
    {"hand_lead", "交由牵头单位办理", "Handed to the leading unit"},
    {"substitute", "转由代理人办理", "Handed to the substitute"},
    {"plan", "挂账", "Planned"},
    {"follow_up", "挂账到期", "Taken up as planned"},
    {"contact_missed", "首次联系超时", "The first call is late"},
    {"nudge", "久无进展提醒", "Reminded of silence"},
    {"reply", "督办回复", "Replied to supervision"},
    {"reply_late", "督办回复超时", "The reply is late"},
    {"callback", "回访", "Called back"},
    {"redo", "回访重办", "Reopened after a callback"},
    {"meeting_call", "召集会议", "A meeting is called"},
    {"meeting_held", "会议纪要", "Minutes of a meeting"},
    {"site_visit", "现场查看", "A site visit"},
    {"propose", "送审", "A result is proposed"},
    {"rule", "裁定", "Ruled whose matter it is"},
    {"part_link", "生成协办链接", "A link answers for a part"},
    {"part_unlink", "撤销协办链接", "The link is revoked"},
    {"weigh", "调整难易程度", "Weighed"},
    {"split", "拆分", "Split"},
    {"succeed", "机构调整承接", "Taken over from a unit that has ended"},
    {"part_succeed", "协办机构调整承接", "A part taken over from a unit that has ended"},
    {"number_demands", "核对诉求点", "Its demands are numbered"},
    {"part_late", "协办超时", "A part is late"},
    {"callback_missed", "回访超时", "Not called back in time"},
};

const struct word template_words[TEMPLATE__MAX] = {
    {"", "", ""},
    {"accept", "受理", "Acceptance"},
    {"progress", "进展", "Progress"},
    {"resolve", "办结", "Result"},
    {"reject", "不予受理", "Rejection"},
    {"extension", "延期", "Extension"},
    {"phrase", "常用语", "Phrase"},
};

const struct word role_words[ROLE__MAX] = {
    {"", "", ""},
    {"handler", "经办人", "Handler"},
    {"unit_lead", "单位负责人", "Unit lead"},
    {"dispatcher", "调度员", "Dispatcher"},
    {"district_supervisor", "区级督办员", "District supervisor"},
    {"administrator", "管理员", "Administrator"},
};

const struct word outcome_words[OUTCOME__MAX] = {
    {"", "", ""},
    {"solved", "已解决", "Solved"},
    {"partly", "部分解决", "Partly solved"},
    {"explained", "已解释说明", "Explained"},
    {"planned", "挂账（列入计划）", "Planned"},
    {"not_possible", "无法办理", "Not possible"},
    {"not_ours", "不属于受理范围", "Not ours"},
    {"unreachable", "联系不上诉求人", "The reporter can't be reached"},
};

const struct word contact_words[CONTACT__MAX] = {
    {"", "", ""},
    {"reached", "已联系上", "Reached"},
    {"no_answer", "无人接听", "No answer"},
    {"wrong_number", "号码有误", "Wrong number"},
    {"refused", "对方拒绝沟通", "Refused to talk"},
};

const struct word purpose_words[PURPOSE__MAX] = {
    {"", "", ""},
    {"reject", "不予受理", "Rejection"},
    {"return", "退单", "Return"},
    {"escalate", "上报", "Escalation"},
    {"transfer", "转派", "Transfer"},
    {"withdraw", "撤回", "Withdrawal"},
    {"unmask", "查看联系方式", "Looking at a contact"},
    {"suspend", "中止办理", "Suspension"},
};

const struct word urgency_words[URGENCY__MAX] = {
    {"normal", "一般", "Normal"},
    {"urgent", "紧急", "Urgent"},
    {"emergency", "特急", "Emergency"},
};

const struct word weight_words[WEIGHT__MAX] = {
    {"", "", ""},
    {"micro", "微事", "Micro"},
    {"small", "小事", "Small"},
    {"hard", "难事", "Hard"},
};

const struct word loop_words[WEIGHT__MAX] = {
    {"", "", ""},
    {"small_loop", "小闭环", "Small loop"},
    {"medium_loop", "中闭环", "Medium loop"},
    {"large_loop", "大闭环", "Large loop"},
};

const struct word danger_words[DANGER__MAX] = {
    {"", "", ""},
    {"life", "生命健康", "Life and health"},
    {"fire", "火情", "Fire"},
    {"gas", "燃气", "Gas"},
    {"current", "用电", "Electric current"},
    {"collapse", "坍塌坠落", "What falls or collapses"},
    {"lift", "电梯", "Lift"},
    {"water", "涉水", "Water"},
    {"traffic", "交通", "Traffic"},
    {"poison", "中毒", "Poisoning"},
    {"lost_person", "人员走失", "Lost person"},
    {"self_harm", "自伤", "Self-harm"},
    {"violence", "暴力", "Violence"},
    {"other", "其他", "Other"},
};

const struct word arrival_words[ARRIVAL__MAX] = {
    {"", "", ""},
    {"routed", "自动派发", "Routed"},
    {"returned", "退回", "Returned"},
    {"escalated", "上报", "Escalated"},
    {"moved", "转派或交办", "Moved"},
    {"ruled", "裁定", "Ruled"},
};

const struct word group_words[GROUP__MAX] = {
    {"", "", ""},
    {"joint_committee", "街道大工委/社区大党委", "Joint committee"},
    {"pairing", "组团联村", "Pairing"},
};

const struct word meeting_words[MEETING__MAX] = {
    {"", "", ""},
    {"meeting", "会议", "Meeting"},
    {"visit", "现场查看", "Site visit"},
};

const struct word part_words[PART__MAX] = {
    {"", "", ""},
    {"open", "协办中", "Open"},
    {"done", "已完成", "Done"},
    {"refused", "不予办理", "Refused"},
    {"waived", "已免除", "Waived"},
};

const struct word request_words[REQUEST__MAX] = {
    {"", "", ""},
    {"extension", "延期", "Extension"},
    {"suspension", "中止", "Suspension"},
};

const struct word classified_by_words[CLASSIFIED_BY__MAX] = {
    {"", "", ""},
    {"reporter", "报事人选择", "The reporter"},
    {"model", "自动识别", "The classifier"},
    {"words", "关键词匹配", "The category's words"},
    {"staff", "工作人员选定", "Staff"},
};

const struct word callback_words[CALLBACK__MAX] = {
    {"", "", ""},
    {"satisfied", "满意", "Satisfied"},
    {"unsatisfied", "不满意", "Not satisfied"},
    {"not_reached", "未联系上", "Not reached"},
};

const struct word trouble_words[TROUBLE__MAX] = {
    {"", "", ""},
    {"current", "正在发生", "Going on"},
    {"over", "已结束", "Over"},
    {"withdrawn", "已撤回", "Withdrawn"},
    {"scheduled", "即将开始", "Yet to begin"},
};

const struct word news_words[NEWS__MAX] = {
    {"", "", ""},
    {"trouble_until", "预计恢复时间有变", "It takes until another time"},
    {"trouble_over", "已结束，请确认是否恢复", "It is over: is it so with you?"},
    {"trouble_withdrawn", "通告已撤回", "The notice was withdrawn"},
    {"trouble_not_restored", "有居民反映仍未恢复", "Residents say that it is not over"},
};

const struct word trouble_answer_words[ANSWER__MAX] = {
    {"", "", ""},
    {"restored", "已恢复", "Restored"},
    {"not_restored", "未恢复", "Not restored"},
};

int word_find(const struct word *words, int count, struct str code) {
    for (int i = 0; i < count; i++)
        if (words[i].code[0] && str_is(code, words[i].code)) return i;
    return 0;
}
