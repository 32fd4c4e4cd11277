// Naive UI in the desk's colours and density. Called by App.vue whenever theme or colours change.
// Always holds: every colour comes from palette.ts, so library and page never differ.
import type { GlobalThemeOverrides } from 'naive-ui';
import { type MarketColours, paletteOf, type ThemeName, withAlpha } from './palette.ts';

export function naiveOverrides(theme: ThemeName, market: MarketColours): GlobalThemeOverrides {
  const p = paletteOf(theme, market);
  return {
    common: {
      fontFamily: 'inherit',
      fontSize: '13px',
      fontSizeSmall: '12px',
      borderRadius: '3px',
      primaryColor: p.accent,
      primaryColorHover: p.accent,
      primaryColorPressed: p.accent,
      bodyColor: p.bg,
      cardColor: p.panel,
      popoverColor: p.raised,
      textColorBase: p.text,
      textColor1: p.text,
      textColor2: p.text,
      textColor3: p.dim,
      borderColor: p.line,
      dividerColor: p.line,
    },
    DataTable: {
      thPaddingSmall: '3px 6px',
      tdPaddingSmall: '2px 6px',
      fontSizeSmall: '12px',
      lineHeight: '20px',
      borderRadius: '0',
      thFontWeight: '400',
      thTextColor: p.dim,
      thColor: p.panel,
      tdColor: p.panel,
      tdColorHover: p.raised,
      thColorHover: p.panel,
      borderColor: withAlpha(p.line, 0.7),
      emptyPadding: '12px',
    },
    Tabs: {
      tabFontSizeSmall: '13px',
      tabPaddingSmallLine: '5px 0',
      tabGapSmallLine: '16px',
      panePaddingSmall: '0',
    },
  };
}
