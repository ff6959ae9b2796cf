import { Modal } from 'antd'
import { useWords } from '#web/shared/language.ts'

const KEYS: [string[], { zh: string; en: string }][] = [
  [['j', '↓'], { zh: '下一张（工单页也可用）', en: 'Next order (on an order too)' }],
  [['k', '↑'], { zh: '上一张（工单页也可用）', en: 'Previous order (on an order too)' }],
  [['enter'], { zh: '打开工单', en: 'Open the order' }],
  [['x'], { zh: '选中或取消', en: 'Select or not' }],
  [['/'], { zh: '按单号查（只输尾号查当天）', en: 'Find by number (its end alone means today)' }],
  [['r'], { zh: '显示更新并重排', en: 'Show changes and sort again' }],
  [['1', '…', '9'], { zh: '工单页：第几个操作', en: 'Order page: the action with that number' }],
  [['v'], { zh: '工单页：查看原话（留痕）', en: 'Order page: see what was said (recorded)' }],
  [['ctrl', 'enter'], { zh: '提交正在填的内容', en: 'Send what is being filled in' }],
  [['esc'], { zh: '取消、返回', en: 'Cancel, go back' }],
  [['?'], { zh: '这张表', en: 'This list' }],
]

export function KeysHelp({ onClose }: { onClose: () => void }) {
  const t = useWords()
  return (
    <Modal open onCancel={onClose} footer={null} title={t({ zh: '快捷键', en: 'Keyboard' })} width={460}>
      <dl className="keys">
        {KEYS.map(([keys, words]) => (
          <div key={keys.join('')}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{t(words)}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  )
}
