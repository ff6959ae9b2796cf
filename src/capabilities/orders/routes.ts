import { requires } from '#kernel/auth.ts'
import { serve } from '#kernel/http.ts'
import * as actions from './actions.ts'
import * as files from './attachments.ts'
import { getBoard, getKpi } from './board.ts'
import { UndoBulk } from './bulk.contract.ts'
import { bulkAct, undoBulk } from './bulk.ts'
import * as contract from './contract.ts'
import * as desk from './desk.contract.ts'
import { exportOrders } from './export.ts'
import * as part from './parts.contract.ts'
import * as parts from './parts.ts'
import * as talk from './talk.contract.ts'
import * as talks from './talk.ts'

export const ordersRoutes = [
  serve(contract.ListOrders, requires('orders.read'), actions.listOrders),
  serve(contract.BulkAct, requires('orders.read'), bulkAct),
  serve(UndoBulk, requires('orders.read'), undoBulk),
  serve(contract.GetOrder, requires('orders.read'), actions.getOrder),
  serve(contract.ActOnOrder, requires('orders.read'), actions.actOnOrder),
  serve(contract.GetStatistics, requires('statistics.read'), actions.getStatistics),
  serve(part.ListProcesses, requires('orders.read'), parts.listProcesses),
  serve(part.GetParts, requires('orders.read'), parts.getParts),
  serve(part.AddPart, requires('orders.read'), parts.addPart),
  serve(part.ActOnPart, requires('orders.read'), parts.actOnPart),
  serve(part.StartProcess, requires('orders.read'), parts.startOrderProcess),
  serve(desk.GetKpi, requires('statistics.read'), getKpi),
  serve(desk.GetBoard, requires('orders.supervise'), getBoard),
  serve(desk.ExportOrders, requires('orders.export'), exportOrders),
  serve(talk.ListNotices, requires('orders.read'), talks.listNotices),
  serve(talk.SeeNotices, requires('orders.read'), talks.seeNotices),
  serve(talk.GetWatchers, requires('orders.read'), talks.getWatchers),
  serve(talk.WatchOrder, requires('orders.read'), talks.watchOrder),
  serve(talk.ListTemplates, requires('orders.read'), talks.listTemplates),
  serve(talk.ListAttachments, requires('orders.read'), files.listAttachments),
  serve(talk.AddAttachment, requires('orders.read'), files.addAttachment),
  serve(talk.GetAttachment, requires('orders.read'), files.getAttachment),
  serve(talk.RemoveAttachment, requires('orders.read'), files.removeAttachment),
  serve(contract.ListUnits, requires('orders.read'), actions.listUnits),
]
