export { decodePayload } from '../payload/decode-payload.ts'
export type { JsonAlternative, JsonOptions, JsonTime } from '../payload/json-payload.ts'
export type { Payload, UserProperties } from '../payload/payload.ts'
export type { TimeUnit } from '../payload/payload-time.ts'
export { type AvroOptions, avro } from './avro.ts'
export { type AvroEncoderOptions, avroEncoder } from './avro-encoder.ts'
export type { AvroLibrary } from './avro-types.ts'
export { blockEncoder, blocks } from './blocks.ts'
export { fetchAndDecode } from './fetch-and-decode.ts'
export type { EncoderOptions } from './item-records.ts'
export { type AjvLibrary, type JsonSchemaOptions, jsonSchema } from './json-schema.ts'
export { type ProtobufOptions, protobuf } from './protobuf.ts'
export { type ProtobufEncoderOptions, protobufEncoder } from './protobuf-encoder.ts'
export type { ProtobufLibrary } from './protobuf-types.ts'
export {
  type RegisteredSchema,
  type SchemaRegistry,
  type SchemaRegistryOptions,
  schemaRegistry
} from './schema-registry.ts'
