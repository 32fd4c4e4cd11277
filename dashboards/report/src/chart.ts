// ECharts with just the parts the page uses, and the look all charts share. Called by every chart.
// Always: red is up and buy, green is down and sell; a chart follows its box when it is resized.
import {
  BarChart,
  CandlestickChart,
  CustomChart,
  HeatmapChart,
  LineChart,
  ScatterChart,
} from 'echarts/charts';
import {
  AxisPointerComponent,
  DataZoomComponent,
  GridComponent,
  LegendComponent,
  TooltipComponent,
  VisualMapContinuousComponent,
} from 'echarts/components';
import type { EChartsCoreOption, EChartsType } from 'echarts/core';
import { init, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { el } from './dom.ts';

use([BarChart, CandlestickChart, CustomChart, HeatmapChart, LineChart, ScatterChart]);
use([AxisPointerComponent, DataZoomComponent, GridComponent, LegendComponent, TooltipComponent]);
use([VisualMapContinuousComponent, CanvasRenderer]);

export const RED = '#c9252d';
export const GREEN = '#0a7a4b';
export const BLUE = '#2563b0';
export const GREY = '#8a94a0';

export type { EChartsCoreOption, EChartsType };

const charts: EChartsType[] = [];

/** A box of `height` pixels with a chart, drawn once it is on the page. */
export function chart(
  height: number,
  label: string,
  option: EChartsCoreOption,
  onReady?: (made: EChartsType) => void,
): HTMLElement {
  const box = el('div', 'chart');
  box.style.height = `${height}px`;
  box.setAttribute('role', 'img');
  box.setAttribute('aria-label', label);
  waiting.push(() => {
    const made = init(box, null, { devicePixelRatio: Math.max(2, window.devicePixelRatio) });
    made.setOption({ animation: false, textStyle: { fontFamily: 'inherit' }, ...option });
    charts.push(made);
    onReady?.(made);
  });
  return box;
}

let waiting: (() => void)[] = [];

/** Draws the charts of elements that are on the page by now. */
export function drawCharts(): void {
  const now = waiting;
  waiting = [];
  for (const draw of now) draw();
}

/** Before the page is built anew. */
export function dropCharts(): void {
  waiting = [];
  for (const one of charts.splice(0)) one.dispose();
}

export function resizeCharts(): void {
  for (const one of charts) one.resize();
}
