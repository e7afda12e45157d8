using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;

namespace Clinic.Soak.Results;

/// <summary>A quantity over the whole soak as a picture, with a line where the warm-up ends.</summary>
internal static class Graph
{
    private const int Most = 8;

    public static void Write(string file, string title, string unit, IReadOnlyDictionary<string, List<DataPoint>> series, double warmupMinutes)
    {
        var model = new PlotModel { Title = title, Background = OxyColors.White };
        model.Legends.Add(new Legend { LegendPosition = LegendPosition.RightTop, LegendPlacement = LegendPlacement.Outside });
        model.Axes.Add(new LinearAxis { Position = AxisPosition.Bottom, Title = "minutes", MajorGridlineStyle = LineStyle.Dot });
        model.Axes.Add(new LinearAxis { Position = AxisPosition.Left, Title = unit, Minimum = 0, MajorGridlineStyle = LineStyle.Dot });
        model.Annotations.Add(new LineAnnotation { Type = LineAnnotationType.Vertical, X = warmupMinutes, Text = "warm-up ends", Color = OxyColors.Gray });
        // The small ones lie on the axis and would only lengthen the legend.
        foreach (var (name, points) in series.OrderByDescending(pair => pair.Value.Max(point => point.Y)).Take(Most))
        {
            var line = new LineSeries { Title = name };
            line.Points.AddRange(points);
            model.Series.Add(line);
        }

        using var stream = File.Create(file);
        new SvgExporter { Width = 900, Height = 360 }.Export(model, stream);
    }
}
