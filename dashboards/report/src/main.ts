// Entry of the report page: reads the data that stands in the page, builds it in the chosen
// language, and builds it anew when the language changes. Always: nothing is loaded from elsewhere.
import { drawCharts, dropCharts, resizeCharts } from './chart.ts';
import { el } from './dom.ts';
import css from './page.css?inline';
import type { PageData } from './page-data.ts';
import { runSections } from './run-page.ts';
import { sweepSections } from './sweep-page.ts';
import { currentLanguage, setLanguage, t } from './texts.ts';

const source = document.getElementById('pankou-data');
const data = JSON.parse(source?.textContent ?? 'null') as PageData;

function build(): void {
  dropCharts();
  document.documentElement.lang = currentLanguage() === 'zh' ? 'zh-CN' : 'en';
  const sections = data.kind === 'run' ? runSections(data) : sweepSections(data);
  document.body.replaceChildren(head(), el('main', '', ...sections));
  drawCharts();
}

function head(): HTMLElement {
  const { title, engine, at, params, data: source } = data.head;
  const other = currentLanguage() === 'zh' ? 'en' : 'zh';
  const language = el('button', '', other === 'en' ? 'English' : '中文');
  language.addEventListener('click', () => {
    setLanguage(other);
    build();
  });
  const print = el('button', '', t('print'));
  print.addEventListener('click', () => window.print());
  const pairs = Object.entries(params).map(([name, value]) => `${name}=${String(value)}`);
  const facts = [
    `${t('parameters')}: ${pairs.join(' ') || t('none')}`,
    `${t('data')}: ${source}`,
    `${t('engine')}: ${engine}`,
  ];
  if (data.kind === 'run') {
    const { days, instruments, stateHash } = data.report;
    const span =
      days.length > 1 ? `${days[0]} – ${days[days.length - 1]} (${days.length})` : days[0];
    const few = instruments.length > 8 ? `${instruments.length}` : instruments.join(' ');
    facts.unshift(`${t('instrument')}: ${few} · ${t('day')}: ${span}`);
    facts.push(`${t('stateHash')}: ${stateHash}`);
  }
  return el(
    'header',
    '',
    el(
      'div',
      'bar',
      el('h1', '', title),
      el('span', 'grow'),
      el('span', 'dim', at),
      print,
      language,
    ),
    el('p', 'dim', facts.join(' · ')),
  );
}

document.head.append(el('style', '', css));
document.title = data.head.title;
build();
window.addEventListener('resize', resizeCharts);
window.addEventListener('pankou-draw', drawCharts);
window.addEventListener('beforeprint', resizeCharts);
