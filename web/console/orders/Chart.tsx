import { BarChart, LineChart } from 'echarts/charts'
import { GridComponent, LegendComponent, TooltipComponent } from 'echarts/components'
import { init, use, type EChartsType } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'
import { useEffect, useRef } from 'react'

use([BarChart, LineChart, GridComponent, LegendComponent, TooltipComponent, SVGRenderer])

type Given = {
  kind: 'bars' | 'line'
  names: string[]
  series: { name: string; values: number[]; colour: string }[]
  label: string
}

const INK = { color: '#5a6779', fontSize: 12 }

/** The table beside it says the same in words, so a screen reader passes the drawing by. */
export function Chart({ kind, names, series, label }: Given) {
  const box = useRef<HTMLDivElement>(null)
  const chart = useRef<EChartsType>(undefined)
  useEffect(() => {
    const drawn = box.current
    if (!drawn) return undefined
    const made = init(drawn, null, { renderer: 'svg' })
    chart.current = made
    const watch = new ResizeObserver(() => made.resize())
    watch.observe(drawn)
    return () => {
      watch.disconnect()
      made.dispose()
    }
  }, [])
  useEffect(() => {
    const category = {
      type: 'category' as const,
      data: names,
      axisLabel: INK,
      axisTick: { show: false },
      axisLine: { lineStyle: { color: '#c3cad6' } },
    }
    const value = {
      type: 'value' as const,
      minInterval: 1,
      axisLabel: INK,
      splitLine: { lineStyle: { color: '#eceff4' } },
    }
    chart.current?.setOption(
      {
        animation: false,
        // A real list of fonts: the library measures words with it, and `inherit` measures wrong.
        textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
        grid: { left: 8, right: 16, top: series.length > 1 ? 28 : 12, bottom: 4, containLabel: true },
        legend: { show: series.length > 1, top: 0, textStyle: INK },
        tooltip: { trigger: 'axis' },
        ...(kind === 'bars'
          ? { xAxis: value, yAxis: { ...category, inverse: true } }
          : { xAxis: category, yAxis: value }),
        series: series.map((s) => ({
          name: s.name,
          type: kind === 'bars' ? 'bar' : 'line',
          data: s.values,
          itemStyle: { color: s.colour },
          ...(kind === 'line' && {
            showSymbol: false,
            lineStyle: { width: 2 },
            areaStyle: { opacity: 0.08 },
          }),
        })),
      },
      true,
    )
  }, [kind, names, series])
  return (
    <figure className={kind === 'bars' ? 'chart tall' : 'chart'} aria-label={label}>
      <div ref={box} aria-hidden />
    </figure>
  )
}
