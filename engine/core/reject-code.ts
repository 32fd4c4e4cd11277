// Why an order, a cancel or an intent was refused: stable numbers, grouped by station, with a text
// in Chinese and English. Called by every actor (numbers) and by the edges (texts).
// Ranges: 1xx instrument, 2xx price and lot, 3xx risk, 4xx session, 5xx gateway, 9xx broker's own.

export const REJECT_NONE = 0;
export const REJECT_UNKNOWN_INSTRUMENT = 101;
export const REJECT_NO_REFERENCE_PRICE = 102;
export const REJECT_SUSPENDED = 103;
export const REJECT_OFF_TICK = 201;
export const REJECT_ABOVE_UPPER_LIMIT = 202;
export const REJECT_BELOW_LOWER_LIMIT = 203;
export const REJECT_LOT_MINIMUM = 204;
export const REJECT_LOT_STEP = 205;
export const REJECT_QTY_MAXIMUM = 206;
export const REJECT_QTY_NOT_POSITIVE = 207;
export const REJECT_PRICE_NOT_POSITIVE = 208;
export const REJECT_ODD_LOT_SELL = 209;
export const REJECT_SIDE = 210;
export const REJECT_OUTSIDE_CAGE = 211;
export const REJECT_OUTSIDE_CALL_RANGE = 212;
export const REJECT_AGAINST_CLOSE = 213;
export const REJECT_BUY_CAP = 214;
export const REJECT_NO_PROTECTION_PRICE = 215;
export const REJECT_ORDER_AMOUNT = 301;
export const REJECT_POSITION = 302;
export const REJECT_ORDER_RATE = 303;
export const REJECT_PRICE_DEVIATION = 304;
export const REJECT_KILLED = 305;
export const REJECT_CASH = 306;
export const REJECT_SELLABLE = 307;
export const REJECT_STRATEGY_STOPPED = 308;
export const REJECT_DUPLICATE_ORDER = 310;
export const REJECT_DUPLICATE_ID = 311;
export const REJECT_REPETITIONS = 312;
export const REJECT_REJECTS_IN_ROW = 313;
export const REJECT_COOL_DOWN = 314;
export const REJECT_ORDERS_PER_DAY = 315;
export const REJECT_ORDERS_PER_STOCK = 316;
export const REJECT_REPORTED_RATE = 317;
export const REJECT_REPORTED_DAY = 318;
export const REJECT_HIGH_FREQUENCY_RATE = 319;
export const REJECT_HIGH_FREQUENCY_DAY = 320;
export const REJECT_CANCEL_RATIO = 321;
export const REJECT_INSTANT_CANCELS = 322;
export const REJECT_ORDER_QTY = 323;
export const REJECT_DAY_AMOUNT = 324;
export const REJECT_CASH_RESERVE = 325;
export const REJECT_STOCK_VALUE = 326;
export const REJECT_STOCK_SHARE = 327;
export const REJECT_INDUSTRY_VALUE = 328;
export const REJECT_TOTAL_VALUE = 329;
export const REJECT_NET_EXPOSURE = 330;
export const REJECT_LEVERAGE = 331;
export const REJECT_OUTSIDE_LIMITS = 332;
export const REJECT_RISK_CAGE = 333;
export const REJECT_OPPOSITE_DEVIATION = 334;
export const REJECT_STALE_QUOTE = 335;
export const REJECT_FEED_SILENT = 336;
export const REJECT_SLIPPAGE = 337;
export const REJECT_VOLUME_SHARE = 338;
export const REJECT_TURNOVER = 339;
export const REJECT_BLACK_LIST = 340;
export const REJECT_WHITE_LIST = 341;
export const REJECT_NO_STAR = 342;
export const REJECT_NO_CHINEXT = 343;
export const REJECT_NO_BSE = 344;
export const REJECT_NO_CONVERTIBLE = 345;
export const REJECT_NO_RISK_WARNING = 346;
export const REJECT_RISK_WARNING_CAP = 347;
export const REJECT_SELF_TRADE = 348;
export const REJECT_OPPOSITE_TRADE = 349;
export const REJECT_PARKED = 350;
export const REJECT_SPLIT = 351;
export const REJECT_LOSS_STRATEGY = 352;
export const REJECT_LOSS_ACCOUNT = 353;
export const REJECT_LOSS_FIRM = 354;
export const REJECT_NET_VALUE_WARNING = 355;
export const REJECT_NET_VALUE_STOP = 356;
export const REJECT_VENUE_SILENT = 357;
export const REJECT_PAUSED = 358;
export const REJECT_HALTED = 359;
export const REJECT_UNKNOWN_ROW = 360;
/** A second person refused the order. */
export const REJECT_NOT_CONFIRMED = 361;
/** Who sent an order may not confirm it. */
export const REJECT_SAME_PERSON = 362;
/** The order does not wait for a second person. */
export const REJECT_NOT_AWAITING = 363;
/** A confirmation without the confirmation token. */
export const REJECT_NO_PROOF = 364;
export const REJECT_NOT_IN_SESSION = 401;
export const REJECT_NO_CANCEL_WINDOW = 402;
export const REJECT_UNKNOWN_ORDER = 403;
export const REJECT_ORDER_FINISHED = 404;
export const REJECT_KIND_NOT_SUPPORTED = 405;
export const REJECT_CANCEL_PENDING = 406;
/** The key, or a strategy's number, was used before for something else. */
export const REJECT_KEY_REUSED = 407;
export const REJECT_EXTERNAL_ORDER = 408;
/** Held until the end of its day. */
export const REJECT_EXPIRED = 410;
/** A parent order whose condition, rate, slices or times make no sense. */
export const REJECT_PARENT_TERMS = 411;
/** No board knows this time in force with this price type. */
export const REJECT_TIME_IN_FORCE = 412;
/** Margin buying or short selling: the account may not, or its gateway cannot. */
export const REJECT_CREDIT = 413;
/** Closed by a person while its fate was unknown. */
export const REJECT_SETTLED = 414;
/** Only an order of unknown fate can be closed by a person. */
export const REJECT_NOT_UNKNOWN = 415;
/** Figures of a settlement that do not go with the order. */
export const REJECT_SETTLE_FIGURES = 416;
export const REJECT_BUSY = 501;
export const REJECT_JOURNAL = 502;
export const REJECT_LINK_DOWN = 503;
export const REJECT_TABLE_FULL = 504;
export const REJECT_NOT_APPROVED = 505;
export const REJECT_UNKNOWN_FATE = 506;
export const REJECT_NEVER_SENT = 507;
export const REJECT_FENCED = 508;
export const REJECT_NO_ANSWER = 509;
export const REJECT_ACCOUNT_STOPPED = 510;
export const REJECT_STATEMENT_SHARES = 511;
export const REJECT_STATEMENT_CASH = 512;
/** The account takes no orders until a person arms it. */
export const REJECT_DISARMED = 520;
/** It would have been sent. */
export const REJECT_SHADOW = 521;
/** Above a cap of the pilot stage. */
export const REJECT_PILOT_AMOUNT = 522;
/** Not on the pilot's list of stocks. */
export const REJECT_PILOT_LIST = 523;
/** The broker refused it; its words are in the bridge's log. */
export const REJECT_BROKER = 901;

/** A reason in both languages of the product. */
export interface RejectText {
  readonly zh: string;
  readonly en: string;
}

const TEXTS: ReadonlyMap<number, RejectText> = new Map([
  [REJECT_NONE, { zh: '无', en: 'none' }],
  [REJECT_UNKNOWN_INSTRUMENT, { zh: '未知证券', en: 'unknown instrument' }],
  [REJECT_NO_REFERENCE_PRICE, { zh: '没有参考价', en: 'no reference price to value the order' }],
  [REJECT_SUSPENDED, { zh: '停牌', en: 'instrument is suspended' }],
  [REJECT_OFF_TICK, { zh: '价格不是最小变动单位的整数倍', en: 'price is not on the tick' }],
  [REJECT_ABOVE_UPPER_LIMIT, { zh: '高于涨停价', en: 'price above the upper limit' }],
  [REJECT_BELOW_LOWER_LIMIT, { zh: '低于跌停价', en: 'price below the lower limit' }],
  [REJECT_LOT_MINIMUM, { zh: '低于最小申报数量', en: 'quantity below the minimum' }],
  [REJECT_LOT_STEP, { zh: '数量不符合递增单位', en: 'quantity not on the lot step' }],
  [REJECT_QTY_MAXIMUM, { zh: '超过单笔最大申报数量', en: 'quantity above the maximum' }],
  [REJECT_QTY_NOT_POSITIVE, { zh: '数量必须大于零', en: 'quantity must be positive' }],
  [REJECT_PRICE_NOT_POSITIVE, { zh: '价格必须大于零', en: 'price must be positive' }],
  [REJECT_ODD_LOT_SELL, { zh: '零股须一次性卖出', en: 'odd lot must be sold in one order' }],
  [REJECT_SIDE, { zh: '买卖方向无效', en: 'side is neither buy nor sell' }],
  [REJECT_OUTSIDE_CAGE, { zh: '超出有效申报价格范围（价格笼子）', en: 'outside the price cage' }],
  [
    REJECT_OUTSIDE_CALL_RANGE,
    { zh: '超出集合竞价有效申报价格范围', en: 'outside the call-auction range' },
  ],
  [
    REJECT_AGAINST_CLOSE,
    { zh: '盘后定价申报价格劣于收盘价', en: 'after-hours price worse than the close' },
  ],
  [
    REJECT_BUY_CAP,
    { zh: '超过风险警示股票当日买入上限', en: 'above the risk-warning daily buy cap' },
  ],
  [
    REJECT_NO_PROTECTION_PRICE,
    { zh: '市价申报缺少保护限价', en: 'market order without protection price' },
  ],
  [REJECT_ORDER_AMOUNT, { zh: '超过单笔金额上限', en: 'order amount above the limit' }],
  [REJECT_POSITION, { zh: '超过持仓上限', en: 'position above the limit' }],
  [REJECT_ORDER_RATE, { zh: '超过每秒报单上限', en: 'too many orders within a second' }],
  [REJECT_PRICE_DEVIATION, { zh: '偏离最新价过大', en: 'price too far from the last trade' }],
  [REJECT_KILLED, { zh: '已触发紧急停止', en: 'kill switch is on' }],
  [REJECT_CASH, { zh: '可用资金不足', en: 'not enough cash' }],
  [REJECT_SELLABLE, { zh: '可卖数量不足（T+1）', en: 'not enough sellable shares (T+1)' }],
  [REJECT_STRATEGY_STOPPED, { zh: '策略已停止', en: 'strategy is stopped' }],
  [
    REJECT_DUPLICATE_ORDER,
    { zh: '与上一笔委托重复', en: 'the same order again within the window' },
  ],
  [REJECT_DUPLICATE_ID, { zh: '委托编号重复', en: 'order id was seen before' }],
  [
    REJECT_REPETITIONS,
    {
      zh: '重复执行次数过多，已停用',
      en: 'too many repeated executions: stopped until re-enabled',
    },
  ],
  [
    REJECT_REJECTS_IN_ROW,
    { zh: '连续被拒次数过多，已停用', en: 'too many refusals in a row: stopped until re-enabled' },
  ],
  [REJECT_COOL_DOWN, { zh: '超速后的冷却期', en: 'cooling down after a rate was refused' }],
  [REJECT_ORDERS_PER_DAY, { zh: '超过每日报单上限', en: 'too many orders today' }],
  [
    REJECT_ORDERS_PER_STOCK,
    { zh: '超过单只证券每日报单上限', en: 'too many orders today in this instrument' },
  ],
  [
    REJECT_REPORTED_RATE,
    { zh: '超过已报备的最高申报速率', en: 'orders and cancels above the reported rate' },
  ],
  [
    REJECT_REPORTED_DAY,
    {
      zh: '超过已报备的单日最高申报笔数',
      en: 'orders and cancels above the reported number of the day',
    },
  ],
  [
    REJECT_HIGH_FREQUENCY_RATE,
    { zh: '达到高频交易速率标准', en: 'rate would be high frequency trading' },
  ],
  [
    REJECT_HIGH_FREQUENCY_DAY,
    {
      zh: '达到高频交易单日笔数标准',
      en: 'orders and cancels of the day would be high frequency trading',
    },
  ],
  [REJECT_CANCEL_RATIO, { zh: '撤单比例过高', en: 'too many cancels for the orders of today' }],
  [
    REJECT_INSTANT_CANCELS,
    { zh: '瞬时撤单次数过多', en: 'too many cancels within a second of their orders' },
  ],
  [REJECT_ORDER_QTY, { zh: '超过单笔数量上限', en: 'order quantity above the limit' }],
  [
    REJECT_DAY_AMOUNT,
    { zh: '超过当日委托金额上限', en: 'amount of all orders today above the limit' },
  ],
  [REJECT_CASH_RESERVE, { zh: '低于现金保留额', en: 'cash left below the reserve' }],
  [REJECT_STOCK_VALUE, { zh: '超过单票市值上限', en: 'value of this instrument above the limit' }],
  [
    REJECT_STOCK_SHARE,
    { zh: '超过单票占净值比例', en: 'share of this instrument in equity above the limit' },
  ],
  [REJECT_INDUSTRY_VALUE, { zh: '超过行业市值上限', en: 'value of this industry above the limit' }],
  [REJECT_TOTAL_VALUE, { zh: '超过总持仓市值上限', en: 'value of all positions above the limit' }],
  [REJECT_NET_EXPOSURE, { zh: '超过净敞口上限', en: 'net exposure above the limit' }],
  [REJECT_LEVERAGE, { zh: '超过杠杆上限', en: 'leverage above the limit' }],
  [REJECT_OUTSIDE_LIMITS, { zh: '超出当日涨跌停价', en: 'price outside the limits of the day' }],
  [REJECT_RISK_CAGE, { zh: '超出有效申报价格范围', en: 'price outside the valid range' }],
  [
    REJECT_OPPOSITE_DEVIATION,
    { zh: '偏离对手方最优价过大', en: 'price too far through the opposite best' },
  ],
  [REJECT_STALE_QUOTE, { zh: '行情过期或缺失', en: 'quote is stale or missing' }],
  [REJECT_FEED_SILENT, { zh: '行情中断', en: 'no quotes of this market' }],
  [REJECT_SLIPPAGE, { zh: '当日成交滑点过大', en: 'realised slippage of today above the limit' }],
  [
    REJECT_VOLUME_SHARE,
    { zh: '占市场成交量比例过高', en: 'share of the market volume of the minute above the limit' },
  ],
  [
    REJECT_TURNOVER,
    { zh: '每分钟委托金额过大', en: 'amount sent within a minute above the limit' },
  ],
  [REJECT_BLACK_LIST, { zh: '证券在黑名单', en: 'instrument is on the black list' }],
  [REJECT_WHITE_LIST, { zh: '证券不在白名单', en: 'instrument is not on the white list' }],
  [REJECT_NO_STAR, { zh: '账户无科创板权限', en: 'account may not buy STAR shares' }],
  [REJECT_NO_CHINEXT, { zh: '账户无创业板权限', en: 'account may not buy ChiNext shares' }],
  [REJECT_NO_BSE, { zh: '账户无北交所权限', en: 'account may not buy BSE shares' }],
  [REJECT_NO_CONVERTIBLE, { zh: '账户无可转债权限', en: 'account may not buy convertible bonds' }],
  [
    REJECT_NO_RISK_WARNING,
    { zh: '账户无风险警示股票权限', en: 'account may not buy risk-warning shares' },
  ],
  [
    REJECT_RISK_WARNING_CAP,
    { zh: '超过风险警示股票单日买入上限', en: 'risk-warning shares bought today above the cap' },
  ],
  [REJECT_SELF_TRADE, { zh: '可能自成交', en: 'own order on the other side would be met' }],
  [
    REJECT_OPPOSITE_TRADE,
    {
      zh: '同一管理人账户同日反向交易',
      en: 'another account of this manager traded the other way today',
    },
  ],
  [REJECT_PARKED, { zh: '大额委托，待复核', en: 'large order waits for a second person' }],
  [REJECT_SPLIT, { zh: '大额委托，需拆单', en: 'large order is to be split' }],
  [
    REJECT_LOSS_STRATEGY,
    {
      zh: '策略当日亏损超限，只可卖出',
      en: 'loss of the strategy today above the limit: sells only',
    },
  ],
  [
    REJECT_LOSS_ACCOUNT,
    {
      zh: '账户当日亏损超限，只可卖出',
      en: 'loss of the account today above the limit: sells only',
    },
  ],
  [
    REJECT_LOSS_FIRM,
    {
      zh: '全公司当日亏损超限，只可卖出',
      en: 'loss of the firm today above the limit: sells only',
    },
  ],
  [
    REJECT_NET_VALUE_WARNING,
    {
      zh: '触及净值预警线，仓位受限',
      en: 'net value below the warning line: positions are capped',
    },
  ],
  [
    REJECT_NET_VALUE_STOP,
    { zh: '触及净值止损线，只可卖出', en: 'net value below the stop line: sells only' },
  ],
  [REJECT_VENUE_SILENT, { zh: '柜台无应答，暂停报单', en: 'venue does not answer: paused' }],
  [REJECT_PAUSED, { zh: '市场暂停或熔断', en: 'paused by a person or by the circuit breaker' }],
  [REJECT_HALTED, { zh: '证券停牌', en: 'instrument is halted' }],
  [REJECT_UNKNOWN_ROW, { zh: '账户或策略未知', en: 'account or strategy is not known to risk' }],
  [REJECT_NOT_CONFIRMED, { zh: '复核未通过', en: 'a second person refused it' }],
  [REJECT_SAME_PERSON, { zh: '下单人不得复核', en: 'who sent an order may not confirm it' }],
  [REJECT_NOT_AWAITING, { zh: '该委托不在待复核', en: 'order does not wait for a second person' }],
  [REJECT_NO_PROOF, { zh: '复核口令不符', en: 'the confirmation token is missing or wrong' }],
  [REJECT_NOT_IN_SESSION, { zh: '当前时段不接受申报', en: 'no orders are taken in this session' }],
  [REJECT_NO_CANCEL_WINDOW, { zh: '当前时段不能撤单', en: 'no cancels are taken in this session' }],
  [REJECT_UNKNOWN_ORDER, { zh: '找不到该委托', en: 'no such order' }],
  [REJECT_ORDER_FINISHED, { zh: '委托已完结', en: 'order is already finished' }],
  [REJECT_KIND_NOT_SUPPORTED, { zh: '不支持该价格类型', en: 'price type is not supported here' }],
  [REJECT_CANCEL_PENDING, { zh: '撤单已在途', en: 'a cancel is already on its way' }],
  [REJECT_KEY_REUSED, { zh: '编号已用于另一笔委托', en: 'the key was used for another order' }],
  [REJECT_EXTERNAL_ORDER, { zh: '外部委托，不由本系统管理', en: 'order was made elsewhere' }],
  [
    REJECT_TIME_IN_FORCE,
    { zh: '该价格类型不支持此有效期', en: 'time in force does not go with the price type' },
  ],
  [REJECT_CREDIT, { zh: '不支持融资融券', en: 'margin and short orders are not supported here' }],
  [REJECT_PARENT_TERMS, { zh: '母单条件不合理', en: 'condition, rate or times make no sense' }],
  [REJECT_EXPIRED, { zh: '委托已过期', en: 'expired before it could be sent' }],
  [REJECT_SETTLED, { zh: '人工了结', en: 'closed by a person' }],
  [REJECT_NOT_UNKNOWN, { zh: '委托状态并非未知', en: 'the fate of the order is not unknown' }],
  [
    REJECT_SETTLE_FIGURES,
    { zh: '了结数量或价格与委托不符', en: 'quantity or price do not go with the order' },
  ],
  [REJECT_BUSY, { zh: '通道繁忙，未受理', en: 'busy: the queue is full, nothing was taken' }],
  [REJECT_JOURNAL, { zh: '日志写入失败，未发送', en: 'journal not writable, nothing was sent' }],
  [REJECT_LINK_DOWN, { zh: '柜台连接断开', en: 'link to the broker is down' }],
  [REJECT_TABLE_FULL, { zh: '委托表已满', en: 'order table is full' }],
  [REJECT_NOT_APPROVED, { zh: '缺少风控批准', en: 'request carries no valid risk approval' }],
  [
    REJECT_UNKNOWN_FATE,
    { zh: '该证券有状态未知的委托', en: 'order with unknown fate in this instrument' },
  ],
  [REJECT_NEVER_SENT, { zh: '已证实未送达柜台', en: 'proven: it never reached the broker' }],
  [REJECT_FENCED, { zh: '账户已由更新的引擎接管', en: 'a newer engine has taken the account' }],
  [REJECT_NO_ANSWER, { zh: '柜台未在时限内应答', en: 'the broker did not answer in time' }],
  [
    REJECT_ACCOUNT_STOPPED,
    { zh: '账户已停止，须人工处理', en: 'account is stopped until a person looks' },
  ],
  [
    REJECT_STATEMENT_SHARES,
    { zh: '持仓与柜台不符，原因不明', en: 'shares differ from the statement, unexplained' },
  ],
  [
    REJECT_STATEMENT_CASH,
    { zh: '资金与柜台不符，原因不明', en: 'cash differs from the statement, unexplained' },
  ],
  [
    REJECT_DISARMED,
    { zh: '账户未布防，不接受报单', en: 'account is disarmed: no orders until a person arms it' },
  ],
  [REJECT_SHADOW, { zh: '影子阶段：本应报出，未发送', en: 'shadow: would have been sent' }],
  [REJECT_PILOT_AMOUNT, { zh: '超过试点金额上限', en: 'amount above the cap of the pilot' }],
  [REJECT_PILOT_LIST, { zh: '证券不在试点名单', en: 'not on the stock list of the pilot' }],
  [REJECT_BROKER, { zh: '柜台拒单', en: "refused by the broker: see the bridge's log" }],
]);

/** Text of a reject code; broker codes (9xx) and unknown numbers say their number. */
export function rejectText(code: number): RejectText {
  // hot-ok: for the edges
  return TEXTS.get(code) ?? { zh: `柜台代码 ${code}`, en: `broker code ${code}` };
}

/** Every code of the engine's own, for documents and tests. */
export function rejectCodes(): readonly number[] {
  return [...TEXTS.keys()]; // hot-ok: for documents and tests
}
