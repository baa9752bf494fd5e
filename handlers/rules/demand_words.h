/* Words that tell what a message asks for; only demands.c reads them. */
#ifndef MINHU_DEMAND_WORDS_H
#define MINHU_DEMAND_WORDS_H

#include "base/str.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

/* Words to look for. Which characters they begin with is a set of 4096 bits, which the first who asks makes: at most characters of
 * a text no word of a list begins, and that is all that is asked there. */
struct words {
    const struct str *list;
    size_t n;
    _Atomic bool known;
    _Atomic uint64_t starts[64];
};

#define W(z) \
    { z, sizeof(z) - 1 }
#define WORDS(name, ...) \
    static const struct str name##_list[] = {__VA_ARGS__}; \
    static struct words name = {.list = name##_list, .n = sizeof name##_list / sizeof *name##_list}

/* A request of these alone says nothing of its own: 请有关部门尽快核实处理并回复，谢谢. */
WORDS(plain_words, W("请"), W("希望"), W("望"), W("要求"), W("请求"), W("恳请"), W("恳求"), W("敬请"), W("烦请"),
      W("麻烦"), W("建议"), W("盼"), W("期盼"), W("呼吁"), W("求"), W("强烈"), W("再次"), W("特"), W("特此"), W("此致"),
      W("敬礼"), W("领导"), W("相关"), W("有关"), W("部门"), W("政府"), W("贵"), W("单位"), W("市长"), W("书记"),
      W("县长"), W("区长"), W("局长"), W("厅长"), W("省长"), W("镇长"), W("各级"), W("各位"), W("主管"), W("上级"),
      W("职能"), W("监管"), W("您们"), W("您"), W("你们"), W("你"), W("我们"), W("我"), W("大家"), W("尽快"), W("尽早"),
      W("早日"), W("及时"), W("立即"), W("马上"), W("抓紧"), W("认真"), W("严肃"), W("依法"), W("切实"), W("高度"),
      W("彻底"), W("妥善"), W("积极"), W("真正"), W("能够"), W("能"), W("可以"), W("给予"), W("予以"), W("给"),
      W("一个"), W("个"), W("进行"), W("加以"), W("重视"), W("关注"), W("关心"), W("处理"), W("解决"), W("核实"),
      W("核查"), W("调查"), W("查处"), W("查实"), W("过问"), W("协调"), W("督促"), W("跟进"), W("落实"), W("回复"),
      W("答复"), W("回应"), W("回音"), W("反馈"), W("帮助"), W("帮忙"), W("帮"), W("管管"), W("管一管"), W("管理"),
      W("看看"), W("引起"), W("加快"), W("进度"), W("速度"), W("对"), W("此"), W("这"), W("该"), W("事情"), W("事件"),
      W("事"), W("问题"), W("情况"), W("现象"), W("行为"), W("上述"), W("以上"), W("一下"), W("下"), W("的"), W("了"),
      W("吧"), W("啊"), W("为"), W("感谢"), W("谢谢"), W("不胜感激"), W("结果"), W("说法"), W("合理"), W("满意"),
      W("明确"), W("老百姓"), W("百姓"), W("人民"), W("群众"), W("民生"), W("做主"), W("主持"), W("公道"),
      W("百忙之中"), W("在"), W("派人"), W("派"), W("人员"), W("前来"), W("现场"), W("工作"), W("整改"), W("整治"),
      W("并"), W("和"), W("与"), W("及"), W("去"), W("来"), W("到"), W("由"), W("让"), W("真相"), W("实际"), W("督办"),
      W("监督"), W("支持"), W("理解"), W("采纳"), W("考虑"), W("出面"), W("多"), W("也"), W("都"), W("就"), W("还"),
      W("相应"), W("措施"), W("采取"), W("有效"));
/* Stand before a request without being one: 所以我们再次强烈…. */
WORDS(fillers, W("我们"), W("我"), W("本人"), W("业主"), W("居民"), W("市民"), W("村民"), W("大家"), W("全体"),
      W("广大"), W("家长"), W("特此"), W("特"), W("现在"), W("现"), W("所以"), W("因此"), W("故此"), W("故"), W("为此"),
      W("再次"), W("强烈"), W("只"), W("也"), W("还"), W("同时"), W("另外"), W("此外"), W("并且"), W("并"), W("而且"),
      W("在此"), W("真诚"), W("衷心"), W("诚恳"), W("诚挚"), W("真心"), W("迫切"), W("就"), W("但是"), W("但"),
      W("顺便"), W("最后"), W("还有"), W("那么"), W("那"), W("真的"), W("首先"), W("其次"), W("再者"), W("同样"),
      W("在这里"), W("非常"), W("的"), W("地"), W("很"), W("都"), W("想"), W("现恳"), W("如果可以"));
/* Begin a request, */
WORDS(cues, W("请"), W("希望"), W("望"), W("要求"), W("恳请"), W("恳求"), W("敬请"), W("烦请"), W("麻烦"), W("建议"),
      W("盼"), W("期盼"), W("呼吁"), W("咨询"), W("问一下"), W("问下"), W("问问"), W("知道"), W("了解"), W("能否"),
      W("可否"), W("能不能"), W("可不可以"), W("是否可以"), W("是否能"), W("何时能"), W("申请"));
/* and words that begin alike and are none. */
WORDS(no_cues, W("请假"), W("请客"), W("请了"), W("请来"), W("请过"), W("请人"), W("请不起"), W("请的"), W("请勿"),
      W("希望小学"), W("希望工程"), W("希望路"), W("望着"), W("望城"), W("望江"), W("要求过"), W("要求的"), W("要求是"),
      W("麻烦的"), W("建议过"), W("建议的"), W("咨询过"), W("咨询了"), W("咨询得知"), W("咨询后"), W("咨询电话"),
      W("知道了"), W("知道后"), W("知道的"), W("了解到"), W("了解了"), W("申请了"), W("申请过"), W("申请的"),
      W("申请表"), W("申请人"), W("申请时"), W("申请后"), W("请柬"), W("请教您一个问题"), W("请教一个问题"),
      W("请问一下情况"), W("希望您在"), W("请看"), W("盼着"), W("盼望着"), W("请问是谁"));
/* Before a colon: what comes after it is a request. */
WORDS(headings, W("诉求"), W("诉求是"), W("诉求如下"), W("请求"), W("请求如下"), W("要求"), W("要求如下"), W("建议"),
      W("建议如下"), W("请问"), W("咨询"), W("的诉求"), W("的诉求是"), W("主要诉求"));
/* Without a question these say only that somebody knows or learnt something. */
WORDS(weak_cues, W("知道"), W("了解"), W("申请"), W("咨询"));
/* Others do these as well: they want, ask, apply. */
WORDS(shared_cues, W("要求"), W("咨询"), W("申请"), W("知道"), W("了解"), W("建议"));
/* Are a request wherever they stand: 小区业主现再次恳请…. */
WORDS(strong_cues, W("恳请"), W("恳求"), W("肯请"), W("敬请"), W("烦请"), W("强烈要求"), W("请问"), W("试问"),
      W("诚请"), W("特请"));
/* A question without a mark. */
WORDS(questions, W("什么时候"), W("何时"), W("能否"), W("可否"), W("是否"), W("怎么办"), W("为什么"), W("为何"),
      W("有没有"), W("多少"), W("如何"), W("能不能"), W("吗"));
/* End a letter. */
WORDS(thanks, W("谢谢"), W("感谢"), W("万分感谢"), W("非常感谢"), W("不胜感激"), W("谢谢您"), W("谢谢领导"), W("为盼"),
      W("此致敬礼"), W("此致"), W("敬礼"));
/* Ask. */
WORDS(asking, W("什么"), W("何时"), W("为何"), W("如何"), W("怎么"), W("怎样"), W("多久"), W("多少"), W("几时"),
      W("几天"), W("哪"), W("谁"), W("是否"), W("能否"), W("可否"), W("能不能"), W("可不可以"), W("有没有"),
      W("是不是"), W("会不会"), W("要不要"), W("该不该"), W("需不需要"), W("吗"), W("呢"), W("么"), W("几个"),
      W("几次"), W("还是"));
/* Who asks so wants no answer to it. */
WORDS(rhetoric, W("难道"), W("岂"), W("对得起"), W("心寒"), W("怎能不"), W("像话"), W("于心何忍"), W("何去何从"),
      W("你们不"), W("何在"), W("天理"), W("王法"), W("良心"), W("何以"), W("何必"), W("谁还敢"), W("不是吗"),
      W("对吗"), W("才能引起"), W("更待何时"));

#endif
