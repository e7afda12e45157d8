using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;

namespace Clinic.Soak.Results;

/// <summary>A quantity over the whole soak as a picture, with a line where the warm-up ends.</summary>
internal static class Graph
{
    /// <summary>What stays below that part of the highest lies on the axis and would only lengthen the legend.</summary>
    private const double Visible = 0.01;

    public static void Write(string file, string title, string unit, IReadOnlyDictionary<string, List<DataPoint>> series, double warmupMinutes)
    {
        var model = new PlotModel { Title = title, Background = OxyColors.White };
        model.Legends.Add(new Legend { LegendPosition = LegendPosition.RightTop, LegendPlacement = LegendPlacement.Outside });
        model.Axes.Add(new LinearAxis { Position = AxisPosition.Bottom, Title = "minutes", MajorGridlineStyle = LineStyle.Dot });
        model.Axes.Add(new LinearAxis { Position = AxisPosition.Left, Title = unit, AxisTitleDistance = 12, Minimum = 0, MajorGridlineStyle = LineStyle.Dot });
        model.Annotations.Add(new LineAnnotation { Type = LineAnnotationType.Vertical, X = warmupMinutes, Text = "warm-up ends", Color = OxyColors.Gray });
        var highest = series.Values.SelectMany(points => points).Select(point => point.Y).DefaultIfEmpty().Max();
        foreach (var (name, points) in series.Where(pair => pair.Value.Max(point => point.Y) >= Visible * highest).OrderByDescending(pair => pair.Value.Max(point => point.Y)))
        {
            var line = new LineSeries { Title = name };
            line.Points.AddRange(points);
            model.Series.Add(line);
        }

        using var stream = File.Create(file);
        new SvgExporter { Width = 900, Height = 360 }.Export(model, stream);
    }
}
