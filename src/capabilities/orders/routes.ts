import { requires } from '#kernel/auth.ts'
import { serve } from '#kernel/http.ts'
import * as actions from './actions.ts'
import * as contract from './contract.ts'

export const ordersRoutes = [
  serve(contract.ListOrders, requires('orders.read'), actions.listOrders),
  serve(contract.BulkAct, requires('orders.read'), actions.bulkAct),
  serve(contract.GetOrder, requires('orders.read'), actions.getOrder),
  serve(contract.ActOnOrder, requires('orders.read'), actions.actOnOrder),
  serve(contract.GetStatistics, requires('statistics.read'), actions.getStatistics),
  serve(contract.ListUnits, requires('orders.read'), actions.listUnits),
]
