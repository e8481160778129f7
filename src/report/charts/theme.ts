/** Colours of a chart: literal ones for a file of its own, CSS variables inside a page. */
export interface ChartTheme {
  /** Axes, labels, text. */
  readonly ink: string;
  /** What should stay in the background. */
  readonly muted: string;
  readonly grid: string;
  /** Painted behind the chart; `none` lets the page through. */
  readonly paper: string;
  /** Outline that keeps text legible on lines. */
  readonly halo: string;
  readonly bad: string;
  readonly idle: string;
  /** For tenants and other things without an order; distinguishable with colour-blind eyes. */
  readonly series: readonly string[];
}

/**
 * Black on white. The series are the palette of Okabe and Ito (Color Universal Design, 2008), its
 * yellow, too faint on white, replaced by wine and grey.
 */
export const paperTheme: ChartTheme = {
  ink: '#1f2328',
  muted: '#6b7280',
  grid: '#d8dee4',
  paper: '#ffffff',
  halo: '#ffffff',
  bad: '#c0392b',
  idle: '#b6bdc6',
  series: ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#882255', '#777777'],
};

const darkSeries = ['#5aaee6', '#ff8f4d', '#35c79d', '#e7a6cb', '#f4c04f', '#9bd7f7', '#d983ab', '#b0b0b0'];

/** Colours by CSS variable, so that a page can be light and dark without drawing twice. */
export const pageTheme: ChartTheme = {
  ink: 'var(--ink)',
  muted: 'var(--muted)',
  grid: 'var(--grid)',
  paper: 'none',
  halo: 'var(--paper)',
  bad: 'var(--bad)',
  idle: 'var(--idle)',
  series: paperTheme.series.map((_, i) => `var(--series-${i + 1})`),
};

export const pageVariables = {
  light: variables(paperTheme, paperTheme.series),
  dark: variables(
    { ink: '#e6e8eb', muted: '#9aa4b0', grid: '#343b44', paper: '#14181d', bad: '#ff7b72', idle: '#55606c' },
    darkSeries,
  ),
};

function variables(
  { ink, muted, grid, paper, bad, idle }: Omit<ChartTheme, 'halo' | 'series'>,
  series: readonly string[],
): string {
  const named = Object.entries({ ink, muted, grid, paper, bad, idle });
  const numbered = series.map((colour, i) => [`series-${i + 1}`, colour] as const);
  return [...named, ...numbered].map(([name, value]) => `--${name}:${value}`).join(';');
}

/** Dashes of the n-th series: from the fifth on hue alone is not enough. */
export function dashOf(index: number): string {
  return index < 4 ? 'none' : '6 3';
}

/** Colour of the n-th series; round again where there are more than colours. */
export function colourOf(theme: ChartTheme, index: number): string {
  return theme.series[index % theme.series.length]!;
}
