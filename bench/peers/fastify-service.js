// The job on Fastify with dd-trace: JSON Schemas on both sides, @fastify/jwt, one pino line a request.
//
// dd-trace's automatic spans are off: like the others it sends the job's two. It has no public way to choose the ids of
// a span, so the root's are set in its context. The rules for tags are those of app/tags.py; RESERVED comes from there.

import jwt from '@fastify/jwt'
import tracer from 'dd-trace'
import Fastify from 'fastify'
import makeId from 'dd-trace/packages/dd-trace/src/id.js'

tracer.init({ plugins: false, startupLogs: false })

const TRACESTATE = 'dd=s:2;t.dm:-4'
const UUID = /^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32})$/
const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/
const IDENTIFIER = /^[A-Za-z0-9-]{1,64}$/
const ZERO = '0'.repeat(16)
const EMAIL = /[^\s@]+@[^\s@]+\.[^\s@]+/
const DIGITS = /(?<![0-9A-Za-z])\+?(?:\(\+?)?\d(?:[ ()./-]{0,2}\d){6,18}(?![0-9A-Za-z])/
const NOT_PERSONAL =
  /(?<!\d)(?:19|20)\d\d-\d\d-\d\d(?!\d)|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi
const RESERVED = JSON.parse(process.env.RESERVED)
const RESERVED_KEYS = new Set(RESERVED.keys)

const INPUTS = ['conversationId', 'traceparent', 'flowName', 'tags', 'channel', 'direction', 'queueName']
const OUTPUTS = [
  'status', 'error_code', 'error_message', 'trace_id', 'trace_id_decimal', 'span_id', 'span_id_decimal',
  'traceparent', 'tracestate', 'trace_url', 'origin', 'accepted_tags', 'rejected_tags'
]
const properties = (names, schema) => Object.fromEntries(names.map((name) => [name, schema]))
const rejection = (code, message) =>
  ({ ...properties(OUTPUTS, ''), status: 'rejected', error_code: code, error_message: message })

const identifier = (text) => IDENTIFIER.test(text ?? '') ? text : ''

function parseTags (text) {
  const accepted = new Map()
  const rejected = []
  const items = text.split(',').map((item) => item.trim()).filter(Boolean)
  for (const [index, item] of items.slice(0, 50).entries()) {
    const refusal = keepTag(item, accepted)
    if (refusal) rejected.push(`tag ${index + 1}${refusal[0] ? ` (${refusal[0]})` : ''}: ${refusal[1]}`)
  }
  return { accepted, rejected }
}

function keepTag (item, accepted) {
  if (item.length > 200) return ['', `is ${item.length} characters long, Datadog keeps 200`]
  if (EMAIL.test(item) || DIGITS.test(item.replace(NOT_PERSONAL, '-'))) return ['', 'looks like personal data']
  const normal = item.toLowerCase().replace(/\s*:\s*/g, ':').replace(/[^\p{L}\p{N}_\-:./]+/gu, '_')
    .replace(/_{2,}/g, '_').slice(0, 200).replace(/_+$/, '')
  const [key, ...rest] = normal.split(':')
  const value = rest.join(':')
  if (!/^\p{L}/u.test(normal)) return ['', 'must start with a letter, as in priority:high']
  if (!value) return [key, 'has no value, write key:value as in priority:high']
  if (normal.endsWith(':')) return [key, 'ends with a colon, which Datadog does not allow']
  if (RESERVED_KEYS.has(key) || RESERVED.prefixes.some((prefix) => normal.startsWith(prefix))) {
    return [key, 'is reserved for Datadog or Callspan, choose another key']
  }
  if (accepted.has(key)) {
    return accepted.get(key) === value ? null : [key, 'has a second value, the first one was kept']
  }
  if (accepted.size === 20) return [key, 'is one too many, at most 20 tags are kept']
  accepted.set(key, value)
  return null
}

function traceOf (conversation, found) {
  const text = conversation.trim().toLowerCase()
  const traceId = text.replaceAll('-', '')
  if (!UUID.test(text) || traceId.startsWith(ZERO) || traceId.endsWith(ZERO)) return null
  const own = { traceId, spanId: traceId.slice(0, 16), flags: '01', continued: false }
  const match = TRACEPARENT.exec(found.trim())
  if (!match || match[1] === traceId || match[1].endsWith(ZERO) || match[2] === ZERO) return { own, trace: own }
  return { own, trace: { traceId: match[1], spanId: match[2], flags: match[3], continued: true } }
}

function emit (name, service, resource, parent, labels, startTime, rootId) {
  const tags = { ...labels, 'service.name': service, 'resource.name': resource }
  const span = tracer.startSpan(name, { childOf: parent, startTime, tags })
  if (rootId) {
    span.context()._spanId = makeId(rootId, 16)
    span.context()._parentId = null
  }
  return span
}

function start (inputs, client, headers, log) {
  const startTime = performance.timeOrigin + performance.now()
  const found = traceOf(inputs.conversationId, inputs.traceparent ?? '')
  if (!found) return rejection('invalid_conversation_id', 'conversationId is not a conversation id')
  const { own, trace } = found
  const traceparent = `00-${trace.traceId}-${trace.spanId}-${trace.flags}`
  const tags = parseTags(inputs.tags ?? '')
  const dashed = own.traceId.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  const labels = { 'conversation.id': dashed, 'callspan.origin': trace.continued ? 'continued' : 'minted' }
  const optional = {
    'genesys.organization_id': identifier(headers['inin-organization-id']),
    'genesys.correlation_id': identifier(headers['inin-correlation-id']),
    'flow.name': inputs.flowName?.slice(0, 200),
    'queue.name': inputs.queueName?.slice(0, 200),
    channel: inputs.channel,
    direction: inputs.direction
  }
  for (const name in optional) if (optional[name]) labels[name] = optional[name]
  for (const [key, value] of tags.accepted) labels[`call.${key}`] = value
  const context = tracer.extract('http_headers', { traceparent, tracestate: TRACESTATE })
  const spans = []
  if (!trace.continued) {
    const resource = `${inputs.direction} ${inputs.channel}`
    spans.push(emit('genesys.conversation', 'genesys-cloud', resource, context, labels, startTime, own.spanId))
  }
  const more = { 'callspan.entry': 'true', 'span.kind': 'server' }
  const entry = emit('callspan.start', process.env.DD_SERVICE, 'start-call-trace', context, { ...labels, ...more }, startTime)
  for (const span of [...spans, entry]) span.finish()
  log.info({
    'http.method': 'POST',
    'http.route': '/v1/actions/start-call-trace',
    'http.status_code': 200,
    duration: performance.timeOrigin + performance.now() - startTime,
    client,
    outcome: 'ok',
    'genesys.correlation_id': labels['genesys.correlation_id'],
    'conversation.id': dashed,
    'dd.trace_id': trace.traceId,
    'dd.span_id': entry.context().toSpanId()
  }, 'request')
  return {
    status: 'ok',
    error_code: '',
    error_message: '',
    trace_id: trace.traceId,
    trace_id_decimal: BigInt(`0x${trace.traceId.slice(16)}`).toString(),
    span_id: trace.spanId,
    span_id_decimal: BigInt(`0x${trace.spanId}`).toString(),
    traceparent,
    tracestate: TRACESTATE,
    trace_url: `https://app.datadoghq.com/apm/trace/${trace.traceId}`,
    origin: labels['callspan.origin'],
    accepted_tags: [...tags.accepted].map(([key, value]) => `${key}:${value}`).join(','),
    rejected_tags: tags.rejected.join('; ')
  }
}

const app = Fastify({
  logger: { level: 'info' },
  disableRequestLogging: true,
  ajv: { customOptions: { coerceTypes: false } }
})
app.register(jwt, {
  secret: process.env.CALLSPAN_JWT_KEYS.split(',')[0].split(':').slice(1).join(':'),
  verify: {
    algorithms: ['HS256'],
    allowedIss: 'callspan',
    allowedAud: 'callspan',
    requiredClaims: ['iss', 'aud', 'sub', 'scope', 'iat', 'exp', 'jti'],
    cache: process.env.TOKEN_CACHE === '1'
  }
})
app.setErrorHandler((error, _request, reply) => {
  if (error.validation) return reply.code(200).send(rejection('missing_input', error.message))
  return reply.code(error.statusCode ?? 500).send({ status: error.statusCode ?? 500 })
})
app.get('/healthz', async () => ({}))
app.after(() => app.post('/v1/actions/start-call-trace', {
  schema: {
    body: {
      type: 'object',
      required: ['conversationId'],
      properties: { ...properties(INPUTS, { type: ['string', 'null'] }), conversationId: { type: 'string' } }
    },
    response: { 200: { type: 'object', properties: properties(OUTPUTS, { type: 'string' }) } }
  },
  onRequest: async (request, reply) => {
    await request.jwtVerify()
    if (!request.user.scope.split(' ').includes('actions')) reply.code(403).send({ status: 403 })
  }
}, async (request) => start(request.body, request.user.sub, request.headers, request.log)))
app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) })
