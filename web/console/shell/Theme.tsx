import { App, ConfigProvider, theme, type ThemeConfig } from 'antd'
import enUS from 'antd/locale/en_US'
import zhCN from 'antd/locale/zh_CN'
import type { ReactNode } from 'react'
import { useLanguage } from '#web/shared/language.ts'

/** The tokens of web/shared/tokens.css, spoken to antd; placeholder and secondary text keep a contrast of 4.5 : 1. */
const THEME: ThemeConfig = {
  algorithm: theme.compactAlgorithm,
  token: {
    colorPrimary: '#1664ff',
    colorInfo: '#1664ff',
    colorSuccess: '#12a150',
    colorWarning: '#d97706',
    colorError: '#d92d20',
    colorText: '#0f1b2d',
    colorTextSecondary: '#5a6779',
    colorTextDescription: '#5a6779',
    colorTextPlaceholder: '#68758a',
    colorTextDisabled: '#68758a',
    colorBgLayout: '#f7f8fa',
    colorBorder: '#c3cad6',
    colorBorderSecondary: '#dfe3ea',
    borderRadius: 4,
    fontFamily: 'var(--font)',
    fontSize: 14,
    // Nothing moves by itself on a screen that is watched through the night.
    motion: false,
  },
}

export function Theme({ children }: { children: ReactNode }) {
  const language = useLanguage()
  return (
    <ConfigProvider
      theme={THEME}
      locale={language === 'zh' ? zhCN : enUS}
      wave={{ disabled: true }}
      button={{ autoInsertSpace: false }}
    >
      <App component={false} message={{ maxCount: 3 }}>
        {children}
      </App>
    </ConfigProvider>
  )
}
