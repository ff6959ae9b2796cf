import { Button } from 'antd'
export const heavy = Button
