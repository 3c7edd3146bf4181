#' # Actor positions, from the tables of a run
#'
#' The same analysis as in positions.ipynb, in R: a map of the actors, their intervals, a timeline, the sentences behind a point,
#' coverage and weighting. It contains no pipeline logic.
#'
#'     Rscript notebooks/positions.R out figures
#'
#' The first argument is the folder that `plenary run … -o out` has written (default: the environment variable PLENARY_OUT, else `out`), the second
#' the folder for the figures (default: `figures`). Needs dplyr, ggplot2, ggrepel, and nanoparquet or arrow to read Parquet:
#'
#'     install.packages(c("nanoparquet", "dplyr", "ggplot2", "ggrepel"))
#'
#' Without a Parquet reader it takes the CSV tables that `plenary run --format csv` writes. The lines that start with `#'` are text:
#' `knitr::spin("notebooks/positions.R")` makes a report of this file.

suppressPackageStartupMessages({
  library(dplyr)
  library(ggplot2)
  library(ggrepel)
})

arguments <- commandArgs(trailingOnly = TRUE)
out <- if (length(arguments) >= 1) arguments[1] else Sys.getenv("PLENARY_OUT", "out")
figures <- if (length(arguments) >= 2) arguments[2] else "figures"
dir.create(figures, showWarnings = FALSE, recursive = TRUE)

#' ## Reading

read_output <- function(name) {
  parquet <- file.path(out, paste0(name, ".parquet"))
  csv <- file.path(out, paste0(name, ".csv"))
  if (file.exists(parquet) && requireNamespace("nanoparquet", quietly = TRUE)) {
    as_tibble(nanoparquet::read_parquet(parquet))
  } else if (file.exists(parquet) && requireNamespace("arrow", quietly = TRUE)) {
    as_tibble(arrow::read_parquet(parquet))
  } else if (file.exists(csv)) {
    as_tibble(read.csv(csv, na.strings = "", encoding = "UTF-8", check.names = FALSE)) |>
      mutate(across(where(\(column) is.character(column) && all(column %in% c("true", "false"))), as.logical),
             across(where(is.logical) & matches("(_id|_name|_type|_iso|actor|holder|lang|event|title)$"), as.character))
  } else {
    stop("cannot read ", name, " in ", out, ": install nanoparquet, or write CSV with plenary run --format csv", call. = FALSE)
  }
}

documents <- read_output("documents") |> mutate(date = as.Date(date))
sentences <- read_output("sentences")
statements <- read_output("statements")
actors <- read_output("actors")

# The axes and their two poles, read from the columns: a codebook with a third axis works unchanged.
axes <- sub("_lean$", "", grep("_lean$", names(statements), value = TRUE))
poles <- lapply(setNames(axes, axes), function(axis) {
  columns <- grep(paste0("^", axis, "_p_"), names(statements), value = TRUE)
  sub(paste0("^", axis, "_p_"), "", columns)
})

cat(nrow(documents), "documents,", nrow(sentences), "sentences,", nrow(statements), "statements,",
    n_distinct(actors$actor_id), "actors\n")

if (!any(actors$n_statements > 0)) stop("no actor in ", out, " has a statement that leans: there is nothing to draw", call. = FALSE)

#' ## Coverage and abstention
#'
#' Most sentences say nothing on the axes. Where the model is not sure enough it says so (`abstain`); the lean counts all the same.
#' Look for differences between the groups you want to compare.

for (axis in axes) {
  cat("\n", axis, "\n", sep = "")
  statements |>
    inner_join(select(documents, doc_id, document_lang = lang), by = "doc_id") |>
    rename(lean = all_of(paste0(axis, "_lean")), abstain = all_of(paste0(axis, "_abstain"))) |>
    group_by(document_lang, manner) |>
    summarise(statements = n(), without_actor = mean(is.na(actor_id)), lean = mean(lean != "none"),
              unsure = mean(abstain), .groups = "drop") |>
    mutate(across(where(is.double), \(share) sprintf("%.0f%%", 100 * share))) |>
    as.data.frame() |>
    print(row.names = FALSE)
}

#' ## Positions
#'
#' The position is the log-odds of an actor's statements (Lowe, Benoit, Mikhaylov & Laver 2011), ln((n2 + ½) / (n1 + ½)), negative towards the first
#' pole and positive towards the second. Ticks show the odds. The interval covers the chance in how many statements of each kind were made,
#' not the errors of the model; the ½ draws actors with few statements towards the centre.

blue <- "#0072B2"
orange <- "#D55E00"
ticks <- log(c(1 / 27, 1 / 9, 1 / 3, 1, 3, 9, 27))
tick_labels <- c("27:1", "9:1", "3:1", "even", "3:1", "9:1", "27:1")
arrows <- function(axis) paste0("\u2190  more ", poles[[axis]][1], "      more ", poles[[axis]][2], "  \u2192")
kinds <- function(type) factor(if_else(coalesce(type, "") == "state", "state", "other actor"), c("state", "other actor"))

theme_set(
  theme_minimal(base_size = 11) +
    theme(panel.grid.minor = element_blank(), panel.grid.major = element_line(colour = "grey93"),
          plot.title = element_text(face = "bold"), plot.title.position = "plot", plot.caption = element_text(colour = "grey40", hjust = 0),
          plot.caption.position = "plot", plot.background = element_rect(fill = "white", colour = NA), legend.position = "top",
          legend.justification = "left")
)
scale_kind <- list(
  scale_colour_manual(NULL, values = c("state" = blue, "other actor" = orange)),
  scale_shape_manual(NULL, values = c("state" = 16, "other actor" = 15))
)
save_figure <- function(plot, name, width, height) {
  ggsave(file.path(figures, paste0(name, ".png")), plot, width = width, height = height, dpi = 130)
}

at_least <- 2 # statements on each axis for a place on the map
across_axis <- axes[1]
up_axis <- axes[2]
columns <- c("actor_id", "actor_name", "actor_type", "n_statements", "position", "conf_low", "conf_high")
map <- inner_join(
  filter(actors, axis == across_axis, n_statements >= at_least)[columns],
  filter(actors, axis == up_axis, n_statements >= at_least)[c("actor_id", columns[4:7])],
  by = "actor_id", suffix = c("_x", "_y")
) |>
  mutate(kind = kinds(actor_type), label = paste0(actor_name, " (", n_statements_x, ", ", n_statements_y, ")"))
limit <- max(4.3, abs(c(map$position_x, map$position_y)) + 0.5)
corners <- expand.grid(x = 1:2, y = 1:2)
corners$label <- paste0(poles[[across_axis]][corners$x], ",\n", poles[[up_axis]][corners$y])

map_plot <- ggplot(map, aes(position_x, position_y, colour = kind, shape = kind)) +
  geom_hline(yintercept = 0, colour = "grey80") +
  geom_vline(xintercept = 0, colour = "grey80") +
  geom_text(aes(c(-limit, limit)[x], c(-limit, limit)[y], label = label, hjust = x - 1, vjust = y - 1), corners, inherit.aes = FALSE,
            colour = "grey40", fontface = "italic", size = 3.1, lineheight = 0.95) +
  geom_segment(aes(x = conf_low_x, xend = conf_high_x, yend = position_y), alpha = 0.4, show.legend = FALSE) +
  geom_segment(aes(y = conf_low_y, yend = conf_high_y, xend = position_x), alpha = 0.4, show.legend = FALSE) +
  geom_point(size = 2.6) +
  geom_text_repel(aes(label = label), colour = "grey15", bg.colour = "white", bg.r = 0.15, size = 3.2, box.padding = 0.5,
                  min.segment.length = 0.3, segment.colour = "grey60", max.overlaps = Inf, seed = 1) +
  scale_x_continuous(arrows(across_axis), breaks = ticks, labels = tick_labels) +
  scale_y_continuous(arrows(up_axis), breaks = ticks, labels = tick_labels) +
  coord_equal(xlim = c(-limit, limit), ylim = c(-limit, limit)) +
  scale_kind +
  labs(title = "Actors on both axes, with 95 % intervals",
       caption = paste0("In brackets: statements on ", across_axis, " and on ", up_axis, ". Actors with at least ", at_least, " on each (",
                        nrow(map), " of ", n_distinct(actors$actor_id), ").\nIntervals run on where they leave the frame."))
save_figure(map_plot, "map-r", 7.4, 8)

#' The map leaves out actors that spoke on one axis only. One axis at a time, everybody with a statement included:

for (this in axes) {
  rows <- actors |>
    filter(axis == this, n_statements > 0) |>
    arrange(position, actor_name) |>
    mutate(actor = factor(actor_name, unique(actor_name)), kind = kinds(actor_type),
           counts = paste(.data[[paste0("n_", poles[[this]][1])]], ":", .data[[paste0("n_", poles[[this]][2])]]))
  plot <- ggplot(rows, aes(position, actor, colour = kind, shape = kind)) +
    geom_vline(xintercept = 0, colour = "grey80") +
    geom_segment(aes(x = conf_low, xend = conf_high, yend = actor), alpha = 0.55, show.legend = FALSE) +
    geom_point(size = 2.4) +
    geom_text(aes(x = 5.7, label = counts), colour = "grey40", size = 3, hjust = 0, show.legend = FALSE) +
    scale_x_continuous(arrows(this), breaks = ticks, labels = tick_labels) +
    coord_cartesian(xlim = c(-5, 5.3), clip = "off") +
    scale_kind +
    labs(title = this, y = NULL, caption = "At the right: statements for the left and for the right pole. 95 % intervals.") +
    theme(plot.margin = margin(8, 54, 8, 8))
  save_figure(plot, paste0("positions-", this, "-r"), 7.6, 1.8 + 0.25 * nrow(rows))
}

#' ## Over time
#'
#' The same calculation per actor and year. A line between two points says nothing about the years in between.

log_odds <- function(table) {
  mutate(table,
         position = if_else(first + second > 0, log((second + 0.5) / (first + 0.5)), NA_real_),
         half = qnorm(0.975) * sqrt(1 / (second + 0.5) + 1 / (first + 0.5)),
         conf_low = position - half, conf_high = position + half)
}

# The statements that count on an axis, with 0/1 columns for its two poles.
leaning <- function(this) {
  column <- function(suffix) statements[[paste0(this, "_", suffix)]]
  pole <- poles[[this]]
  statements |>
    mutate(axis = this, lean = column("lean"), abstain = column("abstain"),
           p_first = column(paste0("p_", pole[1])), p_second = column(paste0("p_", pole[2])),
           first = as.numeric(lean %in% c(pole[1], "both")), second = as.numeric(lean %in% c(pole[2], "both"))) |>
    filter(lean != "none", !is.na(actor_id))
}

years <- bind_rows(lapply(axes, leaning)) |>
  inner_join(select(documents, doc_id, date), by = "doc_id") |>
  filter(!is.na(date)) |>
  group_by(axis, actor_name, year = as.integer(format(date, "%Y"))) |>
  summarise(first = sum(first), second = sum(second), .groups = "drop") |>
  log_odds()
shown <- years |>
  group_by(actor_name) |>
  summarise(n_years = n_distinct(year), n = n()) |>
  filter(n_years >= 2) |>
  arrange(desc(n_years), desc(n), actor_name) |>
  slice_head(n = 6)

row_titles <- sapply(axes, function(axis) paste0(axis, "\n\u2190 ", poles[[axis]][1], "   ", poles[[axis]][2], " \u2192"))
timeline <- years |>
  filter(actor_name %in% shown$actor_name) |>
  mutate(axis = factor(row_titles[axis], row_titles)) |>
  ggplot(aes(year, position)) +
  geom_hline(yintercept = 0, colour = "grey80") +
  geom_path(data = \(rows) filter(group_by(rows, axis, actor_name), n() > 1), colour = blue, linetype = "dotted", linewidth = 0.4) +
  geom_linerange(aes(ymin = conf_low, ymax = conf_high), colour = blue, alpha = 0.5) +
  geom_point(colour = blue, size = 2) +
  geom_text(aes(y = pmin(conf_high, 5), label = paste0(first, ":", second)), colour = "grey40", size = 2.4, angle = 90, hjust = -0.2) +
  facet_grid(axis ~ actor_name, switch = "y") +
  scale_x_continuous(NULL, breaks = scales::breaks_pretty(3), expand = expansion(add = 1.5)) +
  scale_y_continuous(NULL, breaks = ticks, labels = tick_labels) +
  coord_cartesian(ylim = c(-5, 6)) +
  labs(title = "Positions by year, with 95 % intervals and statements for each pole") +
  theme(strip.placement = "outside", strip.text.x = element_text(face = "bold", hjust = 0), panel.spacing.x = unit(0.9, "lines"),
        panel.border = element_rect(fill = NA, colour = "grey85"))
save_figure(timeline, "timeline-r", 1.2 + 2 * max(nrow(shown), 1), 2.7 * length(axes))

#' ## The sentences behind a point

evidence <- function(actor, axis) {
  leaning(axis) |>
    filter(actor_name == actor | actor_id == actor) |>
    inner_join(select(sentences, sentence_id, text), by = "sentence_id") |>
    mutate(p = round(pmax(p_first, p_second), 2)) |>
    arrange(desc(p), statement_id) |>
    select(sentence_id, holder, manner, lean, p, text)
}

example <- if (nrow(shown)) shown$actor_name[1] else arrange(actors, desc(n_statements))$actor_name[1]
for (axis in axes) {
  cat("\n", example, ", ", axis, "\n", sep = "")
  print(as.data.frame(mutate(evidence(example, axis), text = strtrim(text, 100))), right = FALSE, row.names = FALSE)
}

#' ## Does the weighting matter?
#'
#' *count* is what actors.parquet holds. *probability* adds the calibrated probabilities of all statements, including the many small ones, and so pulls
#' towards the middle. *document* gives each document the same weight. *own voice* leaves out what others report.

weighted <- function(axis) {
  counted <- leaning(axis)
  every <- statements |>
    filter(!is.na(actor_id)) |>
    mutate(first = .data[[paste0(axis, "_p_", poles[[axis]][1])]], second = .data[[paste0(axis, "_p_", poles[[axis]][2])]])
  equal <- counted |>
    group_by(actor_id, doc_id) |>
    mutate(weight = 1 / n()) |>
    group_by(actor_id) |>
    mutate(weight = weight * n() / sum(weight), first = first * weight, second = second * weight) |>
    ungroup()
  schemes <- list("count" = counted, "probability" = every, "document" = equal, "own voice" = filter(counted, holder == "SPEAKER"))
  bind_rows(lapply(names(schemes), function(name) {
    schemes[[name]] |>
      group_by(actor_id, actor_name) |>
      summarise(first = sum(first), second = sum(second), .groups = "drop") |>
      log_odds() |>
      mutate(axis = axis, weighting = name)
  }))
}

scheme_names <- c("count", "probability", "document", "own voice")
weightings <- bind_rows(lapply(axes, weighted)) |>
  inner_join(select(filter(actors, n_statements >= 3), actor_id, axis, n_statements), by = c("actor_id", "axis")) |>
  mutate(weighting = factor(weighting, rev(scheme_names)), # the first one on top
         axis = factor(axis, axes))
rows_between <- weightings |>
  group_by(axis) |>
  summarise(line = seq_len(n_distinct(actor_id) - 1) + 0.5, .groups = "drop")
weighting_plot <- weightings |>
  mutate(actor = reorder(paste0(actor_name, " (", n_statements, ")"), position)) |>
  ggplot(aes(position, actor, colour = weighting, shape = weighting)) +
  geom_vline(xintercept = 0, colour = "grey80") +
  geom_point(position = position_dodge(width = 0.7), size = 2.2, stroke = 0.9, na.rm = TRUE) +
  geom_hline(aes(yintercept = line), rows_between, colour = "grey80") +
  facet_wrap(~axis, scales = "free_y", labeller = as_labeller(sapply(axes, function(axis) paste0(axis, "\n", arrows(axis))))) +
  scale_x_continuous(NULL, breaks = ticks, labels = tick_labels) +
  coord_cartesian(xlim = c(-1, 1) * max(3.6, abs(weightings$position) + 0.3, na.rm = TRUE)) +
  scale_colour_manual(NULL, values = c("count" = "black", "probability" = orange, "document" = blue, "own voice" = "#009E73"), breaks = scheme_names) +
  scale_shape_manual(NULL, values = c("count" = 16, "probability" = 5, "document" = 0, "own voice" = 2), breaks = scheme_names) +
  labs(title = "Four ways to weight the same statements", y = NULL) +
  theme(panel.grid.major.y = element_blank())
save_figure(weighting_plot, "weighting-r", 10, 5.2)

#' ## Checks

for (this in axes) {
  again <- leaning(this) |> group_by(actor_id) |> summarise(first = sum(first), second = sum(second)) |> log_odds()
  table <- filter(actors, axis == this, n_statements > 0) |> left_join(again, by = "actor_id", suffix = c("", "_again"))
  stopifnot(
    table[[paste0("n_", poles[[this]][1])]] == table$first, table[[paste0("n_", poles[[this]][2])]] == table$second,
    abs(table$position - table$position_again) < 1e-9, abs(table$conf_low - table$conf_low_again) < 1e-5
  )
}
stopifnot(sentences$end_char - sentences$start_char == nchar(sentences$text))
cat("\ncounts, positions and spans agree; figures are in", figures, "\n")
