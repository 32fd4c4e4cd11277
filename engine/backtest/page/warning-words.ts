// The Chinese text of what a backtest has to say of its data (report.json's `warnings`, a record's
// `notes`). Called by the report page and the research pages; files, JSON and terminal keep the
// English one. Always: every field of a text stays in it; a text that is not known stays as it is.

type Words = readonly (readonly [en: string, zh: string])[];

/** A {field} is any text; a {field:words} is a phrase where PHRASES has it. First match wins. */
const WARNINGS: Words = [
  // Files, at import or when they are read.
  [
    '{file}: not loaded: corporate actions are no market events',
    '{file}：未载入：公司行为不是行情事件',
  ],
  ['{file}: not loaded ({title:words}): {reason:words}', '{file}：未载入（{title}）：{reason}'],
  ['{file}: has a header and no rows', '{file}：只有表头，没有数据行'],
  [
    '{file}: {count} resting orders without a price left out, and {cancels} cancels of them',
    '{file}：略去 {count} 笔没有价格的挂单，以及对它们的 {cancels} 笔撤单',
  ],
  [
    '{file}: {symbol}: {count} times step back; held',
    '{file}：{symbol}：{count} 处时间倒退，按前一行的时间处理',
  ],
  [
    '{file}: {symbol}: {count} bars have open 0; the close before used',
    '{file}：{symbol}：{count} 根 K 线开盘价为 0，用前一根的收盘价代替',
  ],
  [
    '{file}: {symbol}: adjusted prices, not the traded ones',
    '{file}：{symbol}：是复权价，不是实际交易价格',
  ],
  [
    '{file}: {count} broken rows were left out at import',
    '{file}：导入时略去 {count} 行有错误的数据',
  ],
  // Instruments and channels of a day.
  [
    'the day is not known: no date in rows or names; give the day',
    '日期未知：数据行和文件名中都没有日期；请指定日期',
  ],
  ['{symbol}: not in the static file of the day', '{symbol}：不在当日的静态文件中'],
  [
    '{symbol}: no previous close in the files, so no price limits are known',
    '{symbol}：文件中没有前收盘价，因此涨跌停价未知',
  ],
  [
    'channel {channel} ({market}): whole, numbers {first} to {last}, {lost:words}',
    '频道 {channel}（{market}）：完整，编号 {first} 至 {last}，{lost}',
  ],
  [
    '{symbol}: {field:words}: static file {found}, by rule {rule}; ' +
      'the static value is used (the limits of state {state:words})',
    '{symbol}：{field}：静态文件为 {found}，按规则为 {rule}；' +
      '采用静态文件的值（与“{state}”状态的涨跌停价一致）',
  ],
  [
    '{symbol}: {field:words}: static file {found}, by rule {rule}; the static value is used',
    '{symbol}：{field}：静态文件为 {found}，按规则为 {rule}；采用静态文件的值',
  ],
  [
    '{symbol}: {field:words}: data {found}, given {given}; the given one is used',
    '{symbol}：{field}：数据为 {found}，指定为 {given}；采用指定的值',
  ],
  [
    'fees.{name:words}: given {given}, by rule {rule}; the given rate is used',
    '{name}：指定为 {given}，按规则为 {rule}；采用指定的费率',
  ],
  // The run and its calendar.
  ['rules of {path}', '规则文件：{path}'],
  ['{count} trading days are not in the data: {days:words}', '数据中缺少 {count} 个交易日：{days}'],
  [
    'the calendar does not know {range:words}: missing days are not looked for',
    '交易日历不包含 {range}：未查找缺少的交易日',
  ],
  [
    '{symbol}: no data on {count} of {all} days ({days:words})',
    '{symbol}：{all} 个交易日中有 {count} 日没有数据（{days}）',
  ],
  [
    '{day} is not a trading day ({weekday:words}, {source:words}): its events never happened',
    '{day} 不是交易日（{weekday}，{source}）：这些行情从未发生',
  ],
  [
    'the trading calendar ends in {left} days (last known trading day: {last:words}); ' +
      'import the exchange notice of the next year: pankou rules import FILE',
    '交易日历还有 {left} 天到期（已知的最后交易日：{last}）；' +
      '请导入下一年的交易所休市通知：pankou rules import FILE',
  ],
  // What exchange and feed could not follow.
  ['{count} rows the book could not follow: {fault:words}', '{count} 行订单簿无法处理：{fault}'],
  ['last such order: {order}', '最后一笔这样的委托：{order}'],
  ["{count} losses in the feed's channels", '行情频道中有 {count} 处丢失'],
  [
    '{repeated} repeated and {late} late rows passed over',
    '跳过 {repeated} 行重复、{late} 行迟到的数据',
  ],
  ['{count} rows of channels beyond the table', '{count} 行所属的频道超出频道表的容量'],
  ['{count} of {all} books ended stale', '{all} 个订单簿中有 {count} 个到结束时已失效'],
  [
    '{symbol}: {count} of {all} recorded trades do not follow from the recorded orders; ' +
      'do not believe fills in this stream (pankou verify shows where)',
    '{symbol}：{all} 笔历史成交中有 {count} 笔无法由历史委托得出；' +
      '此逐笔行情中的成交不可信（pankou verify 可查明位置）',
  ],
  [
    '{symbol}: {count} recorded orders found no place in the changed book',
    '{symbol}：{count} 笔历史委托在改变后的订单簿中没有位置',
  ],
  // The strategy's code, of which a record notes what reading cannot tell.
  [
    '{file}: imports a module whose name it computes ({name})',
    '{file}：导入的模块名由计算得出（{name}）',
  ],
  ['{file}: {name} is not there', '{file}：{name} 不存在'],
];

const PHRASES: Words = [
  ['none missing', '没有缺号'],
  ['{count} missing: they were lost', '缺 {count} 个编号：已丢失'],
  [
    '{lost:words}; not in the order of time, so the engine does not check it',
    '{lost}；不按时间排列，因此引擎不检查丢失',
  ],
  ['{from} to {to}', '{from} 至 {to}'],
  ['{days} and {count} more', '{days}，另有 {count} 日'],
  ['risk-warning', '风险警示'],
  ['list-20', '20% 涨跌幅名单'],
  ['preCloseE4', '前收盘价'],
  ['upperLimitE4', '涨停价'],
  ['lowerLimitE4', '跌停价'],
  ['tickE4', '最小价位'],
  ['buyMin', '最小买入数量'],
  ['buyStep', '买入数量单位'],
  ['stampDutyRate', '印花税率'],
  ['transferRate', '过户费率'],
  ['Monday', '星期一'],
  ['Tuesday', '星期二'],
  ['Wednesday', '星期三'],
  ['Thursday', '星期四'],
  ['Friday', '星期五'],
  ['Saturday', '星期六'],
  ['Sunday', '星期日'],
  ['every Saturday and Sunday is closed', '周六、周日休市'],
  [
    'exchange notices on holidays; SSE notice of {notice} for {year}',
    '交易所休市通知；{year} 年据上交所 {notice} 的通知',
  ],
  [
    'New Year, a statutory holiday; nothing else of {year} is known',
    '元旦，法定节假日；{year} 年其余休市日尚未公布',
  ],
  ['none', '无'],
  ['cancel of an unknown order', '撤销未知的委托'],
  ['trade of an unknown order', '未知委托的成交'],
  ['more cancelled than left', '撤单数量大于剩余数量'],
  ['less cancelled than left', '撤单数量小于剩余数量'],
  ['more traded than left', '成交数量大于剩余数量'],
  ['duplicate order number', '委托编号重复'],
  ['price off the tick', '价格不在最小价位上'],
  ["price outside the book's window", '价格超出订单簿的价格范围'],
  ['impossible value', '不可能的数值'],
  ['no order slot left', '没有剩余的委托槽位'],
  ['unknown instrument', '未知的证券'],
  ['other trades than the book makes', '成交与订单簿得出的不同'],
  ['market order without a trace', '市价委托没有留下记录'],
  ['DataYes, first 50 orders at the best price', '通联数据，最优价位的前 50 笔委托'],
  ['the order queue is for checking a book, it moves none', '委托队列用于核对订单簿，不驱动订单簿'],
  ['DataYes, SZSE after-hours fixed-price pictures', '通联数据，深交所盘后定价交易快照'],
  ['after-hours fixed-price trading is not replayed', '不回放盘后定价交易'],
  ['TDX sums of about three seconds of trades', '通达信约三秒的成交汇总'],
  [
    'sums of several trades without order numbers are no trade stream',
    '没有委托编号的多笔成交之和不是逐笔成交',
  ],
];

interface Pattern {
  readonly text: RegExp;
  /** Names of the groups whose text may be a phrase. */
  readonly phrases: ReadonlySet<string>;
  readonly zh: string;
}

const FIELD = /\{(\w+)(:words)?\}/g;
const DAYS_BEHIND = /^(.*) \((\d+) days\)$/s;

const warnings = WARNINGS.map(patternOf);
const phrases = PHRASES.map(patternOf);

/** The Chinese text of a warning or note of a run; `text` itself where it is not a known one. */
export function warningInChinese(text: string): string {
  // A warning of several days has their number behind it (report.ts).
  const [, one, days] = DAYS_BEHIND.exec(text) ?? [];
  const known = one === undefined ? null : chinese(warnings, one);
  if (known !== null) return `${known}（共 ${days} 天）`;
  return chinese(warnings, text) ?? text;
}

function chinese(patterns: readonly Pattern[], text: string): string | null {
  for (const pattern of patterns) {
    const fields = pattern.text.exec(text)?.groups;
    if (fields === undefined) continue;
    return pattern.zh.replace(FIELD, (_, name: string) => {
      const own = fields[name] ?? '';
      return pattern.phrases.has(name) ? (chinese(phrases, own) ?? own) : own;
    });
  }
  return null;
}

/** Every pattern has a group more than its fields, so that one without fields has groups too. */
function patternOf([en, zh]: Words[number]): Pattern {
  const named = new Set<string>();
  const plain = en.replace(/[.*+?^$()|[\]\\]/g, '\\$&');
  const body = plain.replace(FIELD, (_, name: string, words: string | undefined) => {
    if (words !== undefined) named.add(name);
    return `(?<${name}>.+?)`;
  });
  return { text: new RegExp(`^(?<whole>${body})$`, 's'), phrases: named, zh };
}
