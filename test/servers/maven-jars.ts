import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Fetched, fetched } from './fetched.ts'
import { findProgram } from './find-program.ts'

const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies'
const PROJECT =
  '<modelVersion>4.0.0</modelVersion><groupId>test</groupId><artifactId>test</artifactId><version>1</version>'

/** A server of jars from Maven Central, with what they need in `libs`. */
export interface MavenJars extends Fetched {
  /** For `java -cp`. */
  readonly classPath: string
}

/** @param needs - the program of Java that starts it */
export function mavenJars(
  about: {
    readonly name: string
    readonly version: string
    readonly variable: string
    readonly needs: 'java' | 'javac'
  },
  artifacts: readonly (readonly [group: string, name: string, version: string])[]
): MavenJars {
  const jars = fetched(about, (folder) => {
    if (!findProgram(about.needs)) return `${about.needs} is not installed`
    const maven = findProgram('mvn')
    if (!maven) return 'mvn is not installed'
    mkdirSync(folder, { recursive: true })
    const dependencies = artifacts.map(
      ([group, name, version]) =>
        `<dependency><groupId>${group}</groupId><artifactId>${name}</artifactId><version>${version}</version></dependency>`
    )
    const project = `<project>${PROJECT}<dependencies>${dependencies.join('')}</dependencies></project>`
    writeFileSync(join(folder, 'pom.xml'), project)
    const args = ['-q', '-B', '-f', join(folder, 'pom.xml'), COPY, '-DincludeScope=runtime']
    return { file: maven, args: [...args, `-DoutputDirectory=${join(folder, 'libs')}`] }
  })
  return { ...jars, classPath: join(jars.folder, 'libs', '*') }
}
