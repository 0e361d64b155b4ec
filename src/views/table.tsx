// Tables. A frame scrolls sideways in itself, by keyboard too, and its first column stays. In a DataTable a column's head
// and its cells are written together, so that neither moves without the other; the first column names the row.

import type { ComponentChildren, HTMLAttributes } from 'preact';

export interface TableFrameProps {
  /** The table's name for screen readers. */
  readonly label: string;
  readonly class?: string;
  /** thead and tbody. */
  readonly children: ComponentChildren;
}

export function TableFrame({ label, class: extra = '', children }: TableFrameProps) {
  return (
    // what scrolls takes focus, so that a keyboard can scroll it
    <section class={`table-frame ${extra}`} aria-label={label} tabIndex={0}>
      <table>{children}</table>
    </section>
  );
}

type Attributes = Omit<HTMLAttributes<HTMLElement>, 'ref'>;

export interface Column<Row> {
  readonly head: ComponentChildren;
  readonly cell: (row: Row) => ComponentChildren;
  /** Of the head, every cell and the foot. */
  readonly class?: string;
  /** Attributes of the head: what explains the column. */
  readonly th?: Attributes;
  /** Attributes of a row's cell, its class among them. */
  readonly td?: (row: Row) => Attributes;
  readonly foot?: ComponentChildren;
  /** Shown also for a row without figures; such columns stand first or last. */
  readonly always?: boolean;
}

export interface DataTableProps<Row> {
  readonly label: string;
  readonly class?: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string | number;
  /** Why a row has no figures: said in one cell, over all columns that are not there `always`. */
  readonly why?: (row: Row) => string | null;
  /** The class of that cell. */
  readonly whyClass?: string;
  readonly tr?: (row: Row) => Attributes & { readonly 'data-row'?: string };
}

/** A column's place is its key: columns come and go with the table. */
type Placed<Row> = Column<Row> & { readonly place: number };

export function DataTable<Row>({
  label,
  class: extra = '',
  columns,
  rows,
  keyOf,
  why,
  whyClass = 'left',
  tr,
}: DataTableProps<Row>) {
  const placed: readonly Placed<Row>[] = columns.map((column, place) => ({ ...column, place }));
  const figures = placed.filter((column) => !column.always);
  const cellOf = (row: Row) => (column: Placed<Row>) =>
    column.place === 0 ? (
      <th key={column.place} scope="row" class={column.class} {...column.td?.(row)}>
        {column.cell(row)}
      </th>
    ) : (
      <td key={column.place} class={column.class} {...column.td?.(row)}>
        {column.cell(row)}
      </td>
    );
  const cells = (row: Row): ComponentChildren => {
    const reason = why?.(row) ?? null;
    if (reason === null) return placed.map(cellOf(row));
    const first = figures[0]?.place ?? placed.length;
    const always = placed.filter((column) => column.always);
    return (
      <>
        {always.filter(({ place }) => place < first).map(cellOf(row))}
        <td class={whyClass} colSpan={figures.length}>
          {reason}
        </td>
        {always.filter(({ place }) => place > first).map(cellOf(row))}
      </>
    );
  };
  return (
    <TableFrame label={label} class={extra}>
      <thead>
        <tr>
          {placed.map((column) => (
            <th key={column.place} scope="col" class={column.class} {...column.th}>
              {column.head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={keyOf(row)} {...tr?.(row)}>
            {cells(row)}
          </tr>
        ))}
      </tbody>
      {placed.some((column) => column.foot !== undefined) && (
        <tfoot>
          <tr>
            {placed.map((column) =>
              column.place === 0 ? (
                <th key={column.place} scope="row">
                  {column.foot}
                </th>
              ) : (
                <td key={column.place} class={column.class}>
                  {column.foot}
                </td>
              ),
            )}
          </tr>
        </tfoot>
      )}
    </TableFrame>
  );
}
