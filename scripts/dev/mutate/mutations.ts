/**
 * Small faults for a source file: what a tired programmer might have written instead.
 *
 * @module
 */

import ts from "typescript";
import type { Mutation } from "./mutation.ts";

/** What may stand for an operator by mistake. */
const OPERATORS: ReadonlyMap<string, string> = new Map(Object.entries({
  "+": "-",
  "-": "+",
  "*": "/",
  "/": "*",
  "%": "*",
  "**": "*",
  "<": "<=",
  "<=": "<",
  ">": ">=",
  ">=": ">",
  "===": "!==",
  "!==": "===",
  "==": "!=",
  "!=": "==",
  "&&": "||",
  "||": "&&",
  "??": "&&",
  "+=": "-=",
  "-=": "+=",
  "*=": "/=",
  "<<": ">>",
  ">>": "<<",
  ">>>": "<<",
  "&": "|",
  "|": "&",
  "^": "&",
}));

/** Functions and methods that are easily taken for each other. */
const NAMES: ReadonlyMap<string, string> = new Map(Object.entries({
  min: "max",
  max: "min",
  floor: "ceil",
  ceil: "floor",
  round: "floor",
  some: "every",
  every: "some",
  startsWith: "endsWith",
  endsWith: "startsWith",
  findLast: "find",
  findLastIndex: "findIndex",
  toSorted: "slice",
  pmax: "pmin",
  pmin: "pmax",
}));

/**
 * All faults for a file, in the order of their places.
 *
 * @param text TypeScript or AssemblyScript.
 */
export function mutationsOf(text: string): Mutation[] {
  const file = ts.createSourceFile("file.ts", text, ts.ScriptTarget.Latest, true);
  const found: Mutation[] = [];
  const add = (start: number, end: number, replacement: string): void => {
    const before = text.slice(start, end);
    if (before === replacement) return;
    const { line } = file.getLineAndCharacterOfPosition(start);
    found.push({ start, end, replacement, line: line + 1, change: `${oneLine(before)} → ${oneLine(replacement)}` });
  };
  const visit = (node: ts.Node): void => {
    if (isNoProgram(node)) return;
    for (const [start, end, replacement] of faultsAt(node, text)) add(start, end, replacement);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found.sort((a, b) => a.start - b.start || a.end - b.end);
}

/** Types, imports, and the sentences of errors: a fault in them is none of the program's behaviour, or only of its words. */
function isNoProgram(node: ts.Node): boolean {
  return ts.isTypeNode(node) || ts.isTypeAliasDeclaration(node) || ts.isInterfaceDeclaration(node) ||
    ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || ts.isTemplateExpression(node) ||
    ts.isThrowStatement(node) || ts.isDecorator(node);
}

type Fault = [start: number, end: number, replacement: string];

/** The faults whose place is this very node. */
function* faultsAt(node: ts.Node, text: string): Generator<Fault> {
  const textOf = (part: ts.Node): string => text.slice(part.getStart(), part.end);
  if (ts.isBinaryExpression(node)) {
    const { operatorToken: operator } = node;
    const other = OPERATORS.get(textOf(operator));
    if (other !== undefined) yield [operator.getStart(), operator.end, other];
  } else if (ts.isNumericLiteral(node)) {
    yield [node.getStart(), node.end, nextNumber(textOf(node))];
  } else if (node.kind === ts.SyntaxKind.TrueKeyword) {
    yield [node.getStart(), node.end, "false"];
  } else if (node.kind === ts.SyntaxKind.FalseKeyword) {
    yield [node.getStart(), node.end, "true"];
  } else if (ts.isPrefixUnaryExpression(node)) {
    const operator = text.slice(node.getStart(), node.operand.getStart()).trim();
    if (operator === "-" || operator === "!" || operator === "~") {
      yield [node.getStart(), node.end, ` ${textOf(node.operand)}`];
    } else if (operator === "++" || operator === "--") {
      yield [node.getStart(), node.operand.getStart(), operator === "++" ? "--" : "++"];
    }
  } else if (ts.isPostfixUnaryExpression(node) && !isLoopStep(node)) {
    yield [node.operand.end, node.end, textOf(node).endsWith("++") ? "--" : "++"];
  } else if (ts.isConditionalExpression(node)) {
    yield [node.condition.getStart(), node.condition.end, `!(${textOf(node.condition)})`];
  } else if (ts.isIfStatement(node)) {
    yield [node.expression.getStart(), node.expression.end, `!(${textOf(node.expression)})`];
    if (node.elseStatement === undefined) yield [node.getStart(), node.end, ";"];
  } else if (ts.isExpressionStatement(node)) {
    yield [node.getStart(), node.end, ";"];
  } else if (ts.isBreakStatement(node) || ts.isContinueStatement(node)) {
    yield [node.getStart(), node.end, ";"];
  } else if (ts.isCallExpression(node)) {
    yield* callFaults(node, textOf);
  } else if (ts.isSpreadAssignment(node)) {
    yield [node.getStart(), node.end, "...{}"];
  }
}

/** Arguments in the wrong order, and names taken for others. */
function* callFaults(node: ts.CallExpression, textOf: (part: ts.Node) => string): Generator<Fault> {
  const [first, second] = node.arguments;
  if (second !== undefined && textOf(first) !== textOf(second) && !ts.isFunctionLike(first)) {
    yield [first.getStart(), second.end, `${textOf(second)}, ${textOf(first)}`];
  }
  if (!ts.isPropertyAccessExpression(node.expression)) return;
  const { name } = node.expression;
  const other = NAMES.get(textOf(name));
  if (other !== undefined) yield [name.getStart(), name.end, other];
}

/** `i++` at the end of a `for` head: without it the loop has no end, which every test sees. */
function isLoopStep(node: ts.Node): boolean {
  return ts.isForStatement(node.parent) && node.parent.incrementor === node;
}

/** A number near by, written in the same way where that can be. */
function nextNumber(number: string): string {
  if (number === "0") return "1";
  if (number === "1") return "2";
  if (/^0x/i.test(number)) return `0x${(Number(number) + 1).toString(16)}`;
  const value = Number(number.replaceAll("_", ""));
  return Number.isInteger(value) && value < 1e15 && !/e/i.test(number) ? String(value + 1) : String(value * 2);
}

function oneLine(code: string): string {
  const line = code.replaceAll(/\s+/g, " ");
  return line.length > 60 ? `${line.slice(0, 57)}…` : line === "" ? "(nothing)" : line;
}
