import { requires } from '#kernel/auth.ts'
import { serve } from '#kernel/http.ts'
import * as actions from './actions.ts'
import { UndoBulk } from './bulk.contract.ts'
import { bulkAct, undoBulk } from './bulk.ts'
import * as contract from './contract.ts'
import * as part from './parts.contract.ts'
import * as parts from './parts.ts'

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
  serve(contract.ListUnits, requires('orders.read'), actions.listUnits),
]
